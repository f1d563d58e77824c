using System.Text;
using KisFeed.Simulator.Market;

namespace KisFeed.Simulator.Tests.Server.Faults;

public sealed class RecordFaultSinkTests
{
    [Fact]
    public void Faults_that_change_in_the_middle_of_a_turn_leave_the_records_of_a_frame_alike()
    {
        var told = new Told();
        var faults = new FaultController(SimulatorFaults.None);
        var sink = new RecordFaultSink(told, faults);
        sink.BeginTurn();
        sink.OnRecord(null!, "1^2"u8);
        faults.Set(SimulatorFaults.Parse("grow-columns=2"));
        sink.OnRecord(null!, "3^4"u8);
        sink.BeginTurn();
        sink.OnRecord(null!, "5^6"u8);
        told.Records.ShouldBe(["1^2", "3^4", "5^6^0^0"]);
    }

    private sealed class Told : IMarketSink
    {
        public List<string> Records { get; } = [];

        public void OnRecord(MarketStream stream, ReadOnlySpan<byte> record) => Records.Add(Encoding.UTF8.GetString(record));
    }
}
