import Tables

/// A chain that was laid out and proved to equal its sources: what may go into a bundle.
public struct ProvenChain: Sendable {
  /// One table of it, with what the proof compared.
  public struct ProvenTable: Sendable {
    public var table: Table
    /// Of its image, were it alone.
    public var byteCount: Int
    public var cost: TableCost
    public var counts: Certificate.Counts
    public var source: ContentDigest
  }

  public let key: TableKey
  public let chain: CompiledChain
  /// In the order in which they run.
  public let tables: [ProvenTable]
  public let certificate: Certificate
  public let compileTime: Duration
  public let proofTime: Duration

  /// Why there is none.
  public enum Failure: Error, CustomStringConvertible {
    case cannotBeLaidOut(ImageError)
    case differs(ProofFailure)

    public var description: String {
      switch self {
      case .cannotBeLaidOut(let error): "cannot be laid out: \(error)"
      case .differs(let failure): "\(failure)"
      }
    }
  }

  /// Lays a chain of a set out and proves it. `sources` are the digests of the tables' files, one for
  /// each. Throws when the image differs from the tables at any input.
  public init(
    _ chain: TableSet.Chain, of set: TableSet, sources: [String: ContentDigest]
  ) throws(Failure) {
    let start = ContinuousClock.now
    let tables = ChainProof.chainOrder(of: set.tables.filter { $0.key == chain.key })
    let image: CompiledChain
    var byteCounts: [Int] = []
    do throws(ImageError) {
      image = try CompiledChain(chain.plan)
      for table in chain.plan.tables {
        // Alone it is a shadow of nothing.
        var alone = table
        alone.role = .live
        let plan = ChainPlan(
          signals: chain.plan.signals, tables: [alone], onLate: chain.plan.onLate)
        byteCounts.append(
          chain.plan.tables.count == 1 ? image.byteCount : try CompiledChain(plan).byteCount)
      }
    } catch {
      throw .cannotBeLaidOut(error)
    }
    let layoutEnd = ContinuousClock.now
    let counts: [Certificate.Counts]
    do throws(ProofFailure) {
      counts = try ChainProof.prove(image, equals: tables)
    } catch {
      throw .differs(error)
    }
    let digests = tables.map { table in
      guard let digest = sources[table.file] else {
        preconditionFailure("no digest of \(table.file)")
      }
      return digest
    }
    let costs = image.tableCosts
    var sum = Certificate.Counts()
    for counts in counts { sum.add(counts) }
    key = chain.key
    self.chain = image
    self.tables = tables.indices.map {
      ProvenTable(
        table: tables[$0], byteCount: byteCounts[$0], cost: costs[$0], counts: counts[$0],
        source: digests[$0])
    }
    certificate = Certificate(sum, image: ContentDigest(of: image.image), sources: digests)
    compileTime = chain.compileTime + (layoutEnd - start)
    proofTime = ContinuousClock.now - layoutEnd
  }
}
