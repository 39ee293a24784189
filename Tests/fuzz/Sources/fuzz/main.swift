import Foundation
import FuzzTargets

// usage: fuzz TARGET [options and folders of libFuzzer]...
//        fuzz --list
//        fuzz --seeds TARGET FOLDER    writes the seeds that the target makes

@_silgen_name("LLVMFuzzerRunDriver")
func runFuzzer(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// What is fuzzed: one target a process. Set once, before the fuzzer starts.
nonisolated(unsafe) var target = FuzzTarget.all[0]

let names = FuzzTarget.all.map(\.name)
let wanted = CommandLine.arguments.dropFirst().first
if wanted == "--list" {
  print(names.joined(separator: "\n"))
  exit(0)
}
if wanted == "--seeds", CommandLine.arguments.count == 4,
  let made = FuzzTarget.all.first(where: { $0.name == CommandLine.arguments[2] })
{
  for (index, seed) in made.seeds.enumerated() {
    let file = "\(CommandLine.arguments[3])/seed-\(index)"
    try Data(seed).write(to: URL(fileURLWithPath: file))
  }
  exit(0)
}
guard let wanted, let found = FuzzTarget.all.first(where: { $0.name == wanted }) else {
  print("usage: fuzz TARGET [options and folders of libFuzzer]...; targets: \(names)")
  exit(2)
}
target = found

var texts = [CommandLine.arguments[0], "-max_len=\(target.byteCountMax)"]
texts += CommandLine.arguments.dropFirst(2)
var count = Int32(texts.count)
var arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: texts.count + 1)
for (index, text) in texts.enumerated() { arguments[index] = strdup(text) }
arguments[texts.count] = nil

exit(
  runFuzzer(&count, &arguments) { bytes, count in
    do {
      try target.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
    } catch {
      // libFuzzer keeps the input of whatever aborts.
      fatalError("\(target): \(error)")
    }
    return 0
  })
