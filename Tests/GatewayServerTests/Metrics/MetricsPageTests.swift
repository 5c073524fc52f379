import GatewayServer
import Testing

@Suite struct MetricsPageTests {
    @Test func aFamilyIsAnnouncedOnceAndLabelsAreEscaped() {
        var page = MetricsPage()
        page.add("a_total", .counter, "Things.", labels: [("kind", "x\"y\\z\n")], 1)
        page.add("b", .gauge, "Other.", 2.5)
        page.add("a_total", .counter, "Things.", labels: [("kind", "w")], 3)
        #expect(
            page.text == """
                # HELP a_total Things.
                # TYPE a_total counter
                a_total{kind="x\\"y\\\\z\\n"} 1
                a_total{kind="w"} 3
                # HELP b Other.
                # TYPE b gauge
                b 2.5

                """)
    }

    @Test func histogramBucketsAreCumulative() {
        var page = MetricsPage()
        page.addHistogram("h_seconds", "Waits.", bounds: [0.1, 1], buckets: [2, 3], over: 4, sum: 7)
        #expect(
            page.text == """
                # HELP h_seconds Waits.
                # TYPE h_seconds histogram
                h_seconds_bucket{le="0.1"} 2
                h_seconds_bucket{le="1"} 5
                h_seconds_bucket{le="+Inf"} 9
                h_seconds_sum 7
                h_seconds_count 9

                """)
    }
}
