namespace KisFeed.Simulator.Tests.Server.Faults;

public sealed class RecordFaultSinkTests
{
    [Fact]
    public void A_change_of_faults_applies_from_the_next_turn()
    {
        var target = new ListSink();
        var faults = new FaultController(SimulatorFaults.None);
        var sink = new RecordFaultSink(target, faults);
        sink.BeginTurn();
        sink.OnRecord(null!, "1^2"u8);
        faults.Set(SimulatorFaults.Parse("grow-columns=2"));
        sink.OnRecord(null!, "3^4"u8);
        sink.BeginTurn();
        sink.OnRecord(null!, "5^6"u8);
        target.Records.ShouldBe(["1^2", "3^4", "5^6^0^0"]);
    }

    private sealed class ListSink : IMarketSink
    {
        public List<string> Records { get; } = [];

        public void OnRecord(MarketStream stream, ReadOnlySpan<byte> record) => Records.Add(Encoding.UTF8.GetString(record));
    }
}
