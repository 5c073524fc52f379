import Testing

@testable import halley_load

@Suite struct MeasureTests {
    @Test func cpuTimeOfAThreadThatBeganInBetweenCountsInFull() {
        var before = ServerProbe.Sample()
        before.threads = [1: ("main", 100), 2: ("shard", 1000)]
        var after = ServerProbe.Sample()
        after.threads = [1: ("main", 150), 2: ("shard", 4000), 3: ("shard", 7)]
        #expect(after.cpuNs(since: before) == 3057)
        let byName = after.cpuNsByName(since: before)
        #expect(byName.map(\.name) == ["shard", "main"])
        #expect(byName.map(\.cpuNs) == [3007, 50])
    }

    @Test func socketCachesAreAddedUpByActiveObjects() {
        let text = """
            slabinfo - version: 2.1
            # name            <active_objs> <num_objs> <objsize> <objperslab>
            TCP                   10     14   2240   14    8 : tunables    0    0    0
            inode_cache          500    500    600   13    2 : tunables    0    0    0
            filp                   3     32    232   16    1 : tunables    0    0    0
            """
        #expect(KernelSample.bytes(ofCaches: text) == 10 * 2240 + 3 * 232)
        #expect(KernelSample.bytes(ofCaches: "slabinfo - version: 2.1\n") == nil)
    }

    @Test func kilobyteLinesAreGivenInBytes() {
        #expect(ProcText.kilobytes("Rss", in: "Rss:    12 kB\nPss:  3 kB\n") == 12_288)
        #expect(ProcText.kilobytes("Anonymous", in: "Rss:    12 kB\n") == nil)
    }

    @Test func aPacedCrowdBeginsNoFasterThanAsked() {
        let plan = CrowdPlan(count: 100, concurrency: 10, perSecond: 20)
        #expect(plan.allowance(elapsedMs: 0) == 1)
        #expect(plan.allowance(elapsedMs: 1000) == 21)
        #expect(plan.allowance(elapsedMs: 60_000) == 100)
        #expect(CrowdPlan(count: 5, concurrency: 10).allowance(elapsedMs: 0) == 5)
    }

    @Test func figuresComeAsLinesAndAsJSONInOrder() {
        var report = Report()
        report.add("scenario", "idle \"x\"")
        report.add("connections", 3)
        report.add("wall_ms", 1.26)
        #expect(report.lines == "scenario=idle \"x\"\nconnections=3\nwall_ms=1.3\n")
        #expect(
            String(decoding: report.json, as: UTF8.self) == #"{"scenario":"idle \"x\"","connections":3,"wall_ms":1.3}"#)
    }
}
