/// What the machine itself gives at this moment: a chain of multiplications, three cycles each on
/// any processor of the last ten years. Numbers taken while this one differed cannot be compared.
func measureControl(_ meter: inout Meter) {
  var number: UInt64 = 1
  meter.measure("control/100 multiplications in a row") { run in
    for _ in 0..<100 {
      number = (number &* 0x9E37_79B9_7F4A_7C15) ^ UInt64(truncatingIfNeeded: run)
    }
    return number
  }
}
