extension SeededGenerator {
    init(seed: UInt64) {
        self.init(state: seed)
    }

    mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &self) < percent
    }
}
