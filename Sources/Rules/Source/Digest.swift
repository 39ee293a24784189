/// The version of a table: 64-bit FNV-1a of its source's bytes, never 0.
func sourceDigest(_ bytes: some Sequence<UInt8>) -> UInt64 {
  var digest: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in bytes { digest = (digest ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
  return digest == 0 ? 1 : digest
}

/// A table's version as 16 hexadecimal digits.
public func hexadecimal(_ version: UInt64) -> String {
  let digits = String(version, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
