using System.Globalization;
using KisFeed.Capture;
using KisFeed.Cli.Hosting;
using KisFeed.Cli.Options;
using KisFeed.Cli.Watching;
using KisFeed.Session;

namespace KisFeed.Cli.Recording;

/// <summary>How a recording is getting on, for people: a line that stays up to date on a terminal, one a minute elsewhere, and one at the end.</summary>
internal sealed class TextRecording : IRecordingOutput
{
    // A line that is longer than the terminal is wide could not be written over once it has wrapped.
    private const string CutOff = "\e[?7l";
    private const string Wrap = "\e[?7h";

    private static readonly TimeSpan s_elsewhere = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_onTerminal = TimeSpan.FromMilliseconds(250);

    private readonly CommandHost _host;
    private readonly StreamWriter _text;
    private readonly RateMeter _rate;
    private readonly string _folder;
    private long _shownAt;

    public TextRecording(CommandHost host, string folder)
    {
        _host = host;
        _text = host.OpenText();
        _rate = new RateMeter(host.Time);
        _folder = folder;
        _shownAt = host.Time.GetTimestamp();
    }

    public async ValueTask ShowAsync(CaptureRecorderStatus status, IReadOnlyList<SessionStatus> sessions)
    {
        var rate = _rate.Sample(status.Received);
        if (_host.Time.GetElapsedTime(_shownAt) < (_host.OutputIsTerminal ? s_onTerminal : s_elsewhere))
            return;
        _shownAt = _host.Time.GetTimestamp();
        var line = LineOf(status, sessions, rate);
        if (_host.OutputIsTerminal)
            await _text.WriteAsync($"\r\e[K{CutOff}{line}{Wrap}");
        else
            await _text.WriteLineAsync(line);
        await _text.FlushAsync();
    }

    public async ValueTask EndAsync(CaptureRecorderStatus status, IReadOnlyList<SessionStatus> sessions)
    {
        if (_host.OutputIsTerminal)
            await _text.WriteAsync("\r\e[K");
        await _text.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"recorded {status.Flushed:N0} frames, {ByteSize.Text(status.Bytes)}, into {status.Files} {(status.Files == 1 ? "file" : "files")} in {_folder}; {status.Dropped:N0} dropped, {status.Gaps:N0} gaps{(status.Lost > 0 ? $", {status.Lost:N0} LOST at the end" : "")}"));
        await _text.FlushAsync();
    }

    public ValueTask DisposeAsync() => _text.DisposeAsync();

    private static string LineOf(CaptureRecorderStatus status, IReadOnlyList<SessionStatus> sessions, double rate)
    {
        var open = sessions.Count(s => s.Phase == SessionPhase.Open);
        var connected = sessions.Count == 1 ? (open == 1 ? "connected" : "NOT connected") : $"{open} of {sessions.Count} sessions connected";
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{status.Flushed:N0} frames  {rate:N0}/s  {ByteSize.Text(status.Bytes)}  {status.Waiting:N0} waiting  {status.Dropped:N0} dropped  {status.Gaps:N0} gaps  {connected}");
        return status.Problem is null ? line : $"{line}  NOT WRITTEN";
    }
}
