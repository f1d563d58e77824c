using KisFeed.Capture;
using KisFeed.Server.Protocol;
using KisFeed.Simulator.Replay;

namespace KisFeed.Simulator.Tests.Replay;

/// <summary>Who receives the order notices of a capture.</summary>
public sealed class NoticeTests
{
    private const string Notice = "H0IFCNI0";

    [Fact]
    public async Task A_notice_is_delivered_only_to_registrations_of_its_customer()
    {
        await using var replay = ReplayHarness.OpenNotices(haveOneOwner: true, wait: 2, Frame(0), Frame(1));
        var other = new FakeConnection();
        var customer = new FakeConnection();
        await replay.RegisterAsync(other, "boris", Notice);
        await replay.RegisterAsync(customer, "KIM1234", Notice);
        await replay.Feed.Ended.WaitAsync(Patience.Limit);

        customer.Waiting.ShouldBe(2);
        other.Waiting.ShouldBe(0);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task A_notice_of_another_customer_is_delivered_to_all_only_if_the_capture_has_a_single_owner(
        bool haveOneOwner, int received)
    {
        await using var replay = ReplayHarness.OpenNotices(haveOneOwner, wait: 1, Frame(0));
        var client = new FakeConnection();
        await replay.RegisterAsync(client, "another", Notice);
        await replay.Feed.Ended.WaitAsync(Patience.Limit);

        client.Waiting.ShouldBe(received);
        replay.Counters.UnmatchedNotices.ShouldBe(1 - received);
        if (received == 0)
            await replay.Log.EventAsync("UnmatchedNotice");
    }

    [Theory]
    [InlineData("anna", null, true)]
    [InlineData("anna", "anna", true)]
    [InlineData("anna", "boris", false)]
    public async Task The_owners_of_a_capture_are_read_from_headers_and_events(string first, string? second, bool isOne)
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
    public async Task Notices_of_a_file_without_an_owner_are_delivered_only_to_their_customer()
    {
        using var folder = new CaptureFolder();
        folder.Put("notices.log", [.. "2026-11-20T00:00:00.0000000Z "u8, .. Ticks.Notice(1), (byte)'\n']);
        var owners = await NoticeOwners.ReadAsync(CaptureReader.Open(folder.Path), CancellationToken.None);
        owners.TryFind(Frame(1), new FrameDispatcher(KisFeeds.Catalog), out _).ShouldBeFalse();
    }

    private static ReplayFrame Frame(int number) => new(Notice, Ticks.Notice(number), Ticks.At(number));
}
