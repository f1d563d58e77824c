using KisFeed.Cli.Ticks;
using Spectre.Console;

namespace KisFeed.Cli.Watching;

/// <summary>Shows the watched feeds as a table on the terminal, redrawn several times per second.</summary>
internal sealed class LiveTicks : Output<TickItem>
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(125);

    private readonly Lock _gate = new();
    private readonly CommandHost _host;
    private readonly TickReaders _readers;
    private readonly Palette _palette;
    private readonly string? _footer;
    private readonly RateMeter _rate;
    private readonly List<LiveSection> _sections = [];
    private readonly Dictionary<WatchTarget, (LiveSection Section, int Row)> _rows = new(ReferenceEqualityComparer.Instance);
    private long _records;
    private long _gaps;
    private long _dropped;
    private long _malformed;
    private string? _lastEvent;
    private StatusMessage? _message;

    public LiveTicks(CommandHost host, IReadOnlyList<WatchTarget> targets, TickReaders readers, Palette palette, string? footer = null)
    {
        _host = host;
        _readers = readers;
        _palette = palette;
        _footer = footer;
        _rate = new RateMeter(host.Time);
        foreach (var target in targets)
        {
            var view = readers.Of(target.Feed).View;
            var section = _sections.Find(s => s.Holds(view));
            if (section is null)
                _sections.Add(section = new LiveSection(view));
            _rows.Add(target, (section, section.Add(target, readers.Names.Find(target.Key))));
        }
    }

    public LiveStatus? Status { get; set; }

    /// <summary>Shows the table until a task completes. The last table remains on the terminal.</summary>
    public async Task ShowAsync(IAnsiConsole console, Task until)
    {
        var screen = new LiveScreen(_host, console);
        await screen.RunAsync(Draw, s_interval, until);
        screen.WriteAll(Draw());
        await until;
    }

    public override void Write(scoped TickItem item)
    {
        lock (_gate)
        {
            if (item.Event is { } happened)
            {
                Count(happened);
                _lastEvent = EventText.Of(item.Target, happened) ?? _lastEvent;
                return;
            }

            _records++;
            var (section, row) = _rows[item.Target];
            var reader = _readers.Of(item.Target.Feed);
            section.Update(
                row, reader.Read(item.Target.Key, item.Fields), section.IsLadder ? reader.ReadBook(item.Fields) : null, item.ReceivedAt);
        }
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Shows a message until the next one.</summary>
    public void Show(StatusMessage message)
    {
        lock (_gate)
            _message = message;
    }

    public LiveTable Draw()
    {
        lock (_gate)
        {
            var now = _host.Time.GetUtcNow();
            List<string> status =
            [
                .. Status is null ? [] : new[] { Status.Connection() },
                CountText("gaps", _gaps),
                CountText("dropped", _dropped),
                .. Status?.RecordingParts() ?? [],
            ];
            if (_malformed > 0)
                status.Add(CountText("malformed", _malformed));
            var needed = status.Count;
            status.Add($"{_records:N0} records");
            status.Add($"{_rate.Sample(_records):N1}/s");
            return new LiveTable(_sections, now, _palette)
            {
                Status = status,
                NeededStatus = needed,
                StatusMessage = _message?.At(now),
                LastEvent = _lastEvent,
                Footer = _footer,
            };
        }
    }

    private void Count(FeedEvent happened)
    {
        if (happened is MalformedFrame)
            _malformed++;
        if (happened is not Gap gap)
            return;
        _gaps++;
        if (gap.Reason == GapReason.QueueOverflow)
            _dropped += gap.Frames ?? 0;
    }

    private static string CountText(string what, long count) => $"{what} {count:N0}";
}
