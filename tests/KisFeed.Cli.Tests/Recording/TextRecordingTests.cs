using KisFeed.Capture;
using KisFeed.Cli.Recording;

namespace KisFeed.Cli.Tests.Recording;

public sealed class TextRecordingTests : IDisposable
{
    private static readonly CaptureRecorderStatus s_status = new()
    {
        Received = 41_234,
        Flushed = 41_020,
        Dropped = 7,
        Malformed = 0,
        Withheld = 0,
        Gaps = 3,
        Bytes = 1_887_437,
        Files = 4,
        LostFiles = 0,
        Failures = 0,
    };

    private readonly ManualTimeProvider _time = new();
    private readonly MemoryStream _output = new();

    public void Dispose() => _output.Dispose();

    [Fact]
    public async Task On_a_terminal_one_line_is_updated_and_the_last_one_stays()
    {
        var text = await ShowAsync(isTerminal: true, TimeSpan.FromMilliseconds(250), s_status, s_status with { Received = 42_234 });

        text.ShouldBe(
            "\r\e[J\e[?7lconnected · 3 gaps · 7 dropped · 41,020 frames · 1.8 MB · 99.00 GB free · 0/s …\e[?7h\r" +
            "\r\e[J\e[?7lconnected · 3 gaps · 7 dropped · 41,020 frames · 1.8 MB · 99.00 GB free …\e[?7h\r" +
            "\r\e[Jrecorded 41,020 frames, 1.8 MB, into 4 files in capture; 7 dropped, 3 gaps\n");
    }

    [Fact]
    public async Task Without_a_terminal_one_line_is_printed_per_minute_and_one_at_the_end()
    {
        var text = await ShowAsync(isTerminal: false, TimeSpan.FromSeconds(20), s_status, s_status, s_status, s_status);

        text.ShouldBe(
            "connected · 3 gaps · 7 dropped · 41,020 frames · 1.8 MB · 99.00 GB free · 0/s · 207 waiting\n" +
            "recorded 41,020 frames, 1.8 MB, into 4 files in capture; 7 dropped, 3 gaps\n");
    }

    [Fact]
    public async Task Problems_are_shown_in_the_line()
    {
        var text = await ShowAsync(
            isTerminal: false,
            TimeSpan.FromMinutes(1),
            SessionPhase.Waiting,
            s_status with { Problem = "No space left on device", ProblemSince = _time.GetUtcNow() });

        text.ShouldStartWith("NOT WRITTEN · NOT connected · 3 gaps · 7 dropped · 41,020 frames · ");
    }

    [Fact]
    public async Task Data_lost_at_the_end_are_reported()
    {
        await using var recording = RecordingOutputs.Text(HostFor(isTerminal: false), "capture", _ => null);
        recording.Write(new RecordingStatus(s_status with { Files = 1, Lost = 207, HasEnded = true }, []));
        await recording.FlushAsync();

        Encoding.UTF8.GetString(_output.ToArray())
            .ShouldBe("recorded 41,020 frames, 1.8 MB, into 1 file in capture; 7 dropped, 3 gaps, 207 LOST at the end\n");
    }

    private Task<string> ShowAsync(bool isTerminal, TimeSpan interval, params CaptureRecorderStatus[] statuses) =>
        ShowAsync(isTerminal, interval, SessionPhase.Open, statuses);

    private async Task<string> ShowAsync(bool isTerminal, TimeSpan interval, SessionPhase phase, params CaptureRecorderStatus[] statuses)
    {
        SessionStatus[] sessions =
            [new SessionStatus { Name = "1", Phase = phase, Desired = 1, Confirmed = 1, Slots = 41, Connections = 1, Failures = 0 }];
        await using var recording = RecordingOutputs.Text(HostFor(isTerminal), "capture", _ => "99.00 GB free");
        foreach (var status in statuses)
        {
            _time.Advance(interval);
            recording.Write(new RecordingStatus(status, sessions));
        }

        recording.Write(new RecordingStatus(statuses[^1] with { HasEnded = true }, sessions));
        await recording.FlushAsync();
        return Encoding.UTF8.GetString(_output.ToArray());
    }

    private CommandHost HostFor(bool isTerminal) =>
        new() { Input = Stream.Null, Output = _output, Error = TextWriter.Null, OutputIsTerminal = isTerminal, Time = _time };
}
