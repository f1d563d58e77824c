using KisFeed.Capture;
using KisFeed.Feeds;
using KisFeed.Replay.Playing;
using KisFeed.Server.Protocol;

namespace KisFeed.Replay.Tests.Playing;

/// <summary>The owners of order notices in a capture.</summary>
public sealed class NoticeTests
{
    private const string Notice = "H0IFCNI0";

    [Fact]
    public async Task A_notice_is_for_those_who_are_registered_as_its_customer_and_for_nobody_else()
    {
        await using var stage = Stage.OpenNotices(areOfOne: true, wait: 2, Frame(0), Frame(1));
        var other = new Listener();
        var customer = new Listener();
        await stage.RegisterAsync(other, "boris", Notice);
        await stage.RegisterAsync(customer, "KIM1234", Notice);
        await stage.Feed.Ended.WaitAsync(Patience.Limit);

        customer.Waiting.ShouldBe(2);
        other.Waiting.ShouldBe(0);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task A_notice_of_another_customer_is_everybodys_where_the_recorder_had_one_HTS_ID_alone(bool areOfOne, int received)
    {
        await using var stage = Stage.OpenNotices(areOfOne, wait: 1, Frame(0));
        var listener = new Listener();
        await stage.RegisterAsync(listener, "whoever", Notice);
        await stage.Feed.Ended.WaitAsync(Patience.Limit);

        listener.Waiting.ShouldBe(received);
        stage.Counters.UnmatchedNotices.ShouldBe(1 - received);
        if (received == 0)
            await stage.Log.EventAsync(56);
    }

    [Theory]
    [InlineData("anna", null, true)]
    [InlineData("anna", "anna", true)]
    [InlineData("anna", "boris", false)]
    public async Task For_whom_a_capture_was_recorded_stands_in_its_heads_and_events(string first, string? second, bool isOne)
    {
        using var folder = new CaptureFolder();
        using (var writer = folder.Write())
        {
            Register(writer, first, 0);
            writer.Write(Notice, Ticks.Notice(1), Ticks.At(1));
            if (second is not null)
                Register(writer, second, 2);
            writer.Write("H0UPCNT0", Ticks.Index(3), Ticks.At(3));
            writer.Close();
        }

        var owners = await NoticeOwners.ReadAsync(CaptureReader.Open(folder.Path), CancellationToken.None);

        owners.TryFind(Frame(1), new FrameDispatcher(KisFeeds.Catalog), out var key).ShouldBe(isOne);
        key.ShouldBeNull();

        static void Register(CaptureWriter writer, string htsId, int number) =>
            writer.Write(new CaptureEvent { Kind = CaptureEventKind.Registered, At = Ticks.At(number), TrId = Notice, Key = htsId });
    }

    [Fact]
    public async Task A_file_that_does_not_say_whose_notices_it_holds_is_nobodys_but_the_customers()
    {
        using var folder = new CaptureFolder();
        folder.Put("notices.log", [.. "2026-11-20T00:00:00.0000000Z "u8, .. Ticks.Notice(1), (byte)'\n']);
        var owners = await NoticeOwners.ReadAsync(CaptureReader.Open(folder.Path), CancellationToken.None);
        owners.TryFind(Frame(1), new FrameDispatcher(KisFeeds.Catalog), out _).ShouldBeFalse();
    }

    private static ReplayFrame Frame(int number) => new(Notice, Ticks.Notice(number), Ticks.At(number));
}
