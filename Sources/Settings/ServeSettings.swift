import EdgeProofFiles
import Server

/// All that `postern serve` is told, by its file and by its options.
package struct ServeSettings {
  package var server = ServerConfiguration()
  package var bundles = BundleSettings()
  /// The file's; `nil` without one.
  private(set) var path: String?
  /// `nil` without a file.
  package var file: ConfigurationFile?
  /// What proves that the edge sent a request, as it was read; `nil` without a file.
  package var edgeProof: EdgeProofFile?
  /// All that is wrong with the file: `file:line:column: error: what, and what to do`.
  package var problems: [String] = []
  /// What is right and should not last, of what options say beside the file.
  package var warnings: [String] = []

  package init() {}

  /// Reads the file at `path`, secrets included.
  package mutating func read(_ path: String) {
    self.path = path
    var problems: [ConfigurationFile.Problem] = []
    do {
      let file = try ConfigurationFile(path: path, problems: &problems)
      file.apply(to: &server, path: path, problems: &problems)
      file.apply(to: &bundles, path: path, problems: &problems)
      self.file = file
    } catch {
      // No more can be said of a file that cannot be read.
      self.problems.append(error.description)
      return
    }
    self.problems += problems.map(\.description)
    var proof = EdgeProofFile(path)
    do throws(EdgeProofFileError) {
      server.edgeProof = try proof.read()
      edgeProof = proof
    } catch {
      self.problems += error.problems.map(\.description)
    }
  }
}
