using System.Globalization;
using KisFeed.Capture;
using KisFeed.Cli.Hosting;
using KisFeed.Cli.Options;
using KisFeed.Cli.Output;
using KisFeed.Cli.Watching;

namespace KisFeed.Cli.Recording;

/// <summary>How a recording is getting on, for people: a line that stays up to date on a terminal, one a minute elsewhere, and one at the end.</summary>
internal sealed class TextRecording : IRecordingOutput
{
    private static readonly TimeSpan s_elsewhere = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_onTerminal = TimeSpan.FromMilliseconds(250);

    private readonly CommandHost _host;
    private readonly StreamWriter _text;
    private readonly RateMeter _rate;
    private readonly string _folder;
    private readonly Func<string, string?> _freeSpace;
    private long _shownAt;

    /// <summary>Begins.</summary>
    /// <param name="host">Where it is shown.</param>
    /// <param name="folder">What is recorded into.</param>
    /// <param name="freeSpace">The room on the disk of a folder; by default that of the disk itself.</param>
    public TextRecording(CommandHost host, string folder, Func<string, string?>? freeSpace = null)
    {
        _freeSpace = freeSpace ?? DiskSpace.Of;
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
        var parts = PartsOf(status, sessions, rate);
        if (_host.OutputIsTerminal)
            await _text.WriteAsync($"\r\e[J{StatusLine.Fit(parts, _host.TerminalSize().Columns)}\r");
        else
            await _text.WriteLineAsync(string.Join(" · ", parts));
        await _text.FlushAsync();
    }

    public async ValueTask EndAsync(CaptureRecorderStatus status, IReadOnlyList<SessionStatus> sessions)
    {
        if (_host.OutputIsTerminal)
            await _text.WriteAsync("\r\e[J");
        await _text.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"recorded {status.Flushed:N0} frames, {ByteSize.Text(status.Bytes)}, into {status.Files} {(status.Files == 1 ? "file" : "files")} in {_folder}; {status.Dropped:N0} dropped, {status.Gaps:N0} gaps{(status.Lost > 0 ? $", {status.Lost:N0} LOST at the end" : "")}"));
        await _text.FlushAsync();
    }

    public ValueTask DisposeAsync() => _text.DisposeAsync();

    // The most important first: what does not fit the terminal is left out from the end.
    private List<string> PartsOf(CaptureRecorderStatus status, IReadOnlyList<SessionStatus> sessions, double rate)
    {
        List<string> parts = status.Problem is null ? [] : ["NOT WRITTEN"];
        parts.Add(SessionText.Of(sessions));
        parts.Add(string.Create(CultureInfo.InvariantCulture, $"{status.Gaps:N0} gaps"));
        parts.Add(string.Create(CultureInfo.InvariantCulture, $"{status.Dropped:N0} dropped"));
        parts.Add(string.Create(CultureInfo.InvariantCulture, $"{status.Flushed:N0} frames"));
        parts.Add(ByteSize.Text(status.Bytes));
        if (_freeSpace(_folder) is { } free)
            parts.Add(free);
        parts.Add(string.Create(CultureInfo.InvariantCulture, $"{rate:N0}/s"));
        parts.Add(string.Create(CultureInfo.InvariantCulture, $"{status.Waiting:N0} waiting"));
        return parts;
    }
}
