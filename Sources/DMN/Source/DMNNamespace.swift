/// What the namespace of an element says about it.
enum DMNNamespace {
  private static let standard = "omg.org/spec/DMN"

  /// Of the standard's models, in any version, known or not. Diagrams have namespaces of their own.
  static func isDMN(_ namespace: String) -> Bool {
    namespace.contains(standard) && !isDiagram(namespace)
  }

  static func isDiagram(_ namespace: String) -> Bool {
    namespace.contains(standard)
      && ["/DMNDI/", "/DI/", "/DC/"].contains { namespace.hasSuffix($0) }
  }
}
