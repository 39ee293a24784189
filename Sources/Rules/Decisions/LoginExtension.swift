/// The names of the elements that make a DMN decision a login table, in Postern's namespace.
///
///     <extensionElements>
///       <postern:table name="step-up" trigger="post-login" mode="enforce">
///         <postern:list name="blocked" file="lists/blocked.txt"/>
///         <postern:signal name="device.age" type="number"/>
///         <postern:examples>
///           <postern:column name="device.age"/>
///           <postern:column name="verdict"/>
///           <postern:example>
///             <postern:entry>3</postern:entry>
///             <postern:entry>mfa</postern:entry>
///           </postern:example>
///         </postern:examples>
///       </postern:table>
///     </extensionElements>
///
/// A rule's own name and mode: `<postern:rule name="high-risk" mode="audit"/>` among its extensions.
enum LoginExtension {
  static let table = "table"
  static let list = "list"
  static let signal = "signal"
  static let examples = "examples"
  static let column = "column"
  static let example = "example"
  static let entry = "entry"
  static let rule = "rule"

  /// The settings that attributes of `postern:table` give; DMN's own elements say the others.
  static let settings: Set<String> = [
    "name", "title", "trigger", "tenant", "order", "mode", "shadow", "shadowOf", "onLate", "budget",
  ]
}
