namespace KisFeed.Cli.Output;

/// <summary>
/// A status for people: a line that is updated on a terminal, one line per minute elsewhere, and a last line at the end.
/// </summary>
/// <param name="host">The host.</param>
/// <param name="countOf">Returns what is counted, for the rate.</param>
/// <param name="partsOf">Returns the parts of a status and a rate, the most important first: the last ones are left out if
/// they do not fit the terminal.</param>
/// <param name="lastOf">Returns the last line; <see langword="null"/> while it is not the end.</param>
internal sealed class StatusLineOutput<T>(
    CommandHost host, Func<T, long> countOf, Func<T, double, IReadOnlyList<string>> partsOf, Func<T, string?> lastOf)
    : LineOutput<T>(host.Output)
{
    private static readonly TimeSpan s_elsewhere = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_onTerminal = TimeSpan.FromMilliseconds(250);

    private readonly CommandHost _host = host;
    private readonly RateMeter _rate = new(host.Time);
    private long _shownAt = host.Time.GetTimestamp();

    public override void Write(T item)
    {
        if (lastOf(item) is { } last)
        {
            Lines.Append(_host.OutputIsTerminal ? TransientLine.Clear : "").Append(last).Append("\n");
            return;
        }

        var rate = _rate.Sample(countOf(item));
        if (_host.Time.GetElapsedTime(_shownAt) < (_host.OutputIsTerminal ? s_onTerminal : s_elsewhere))
            return;
        _shownAt = _host.Time.GetTimestamp();
        var parts = partsOf(item, rate);
        Lines.Append(_host.OutputIsTerminal
            ? TransientLine.Of(StatusLine.Fit(parts, _host.TerminalSize().Columns))
            : $"{string.Join(StatusLine.Separator, parts)}\n");
    }
}

/// <summary>Measures events per second over the last few seconds.</summary>
internal sealed class RateMeter(TimeProvider time)
{
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(3);

    private readonly Queue<(long At, long Count)> _samples = new();

    /// <summary>Records the total count and returns the rate per second.</summary>
    public double Sample(long count)
    {
        var now = time.GetTimestamp();
        _samples.Enqueue((now, count));
        while (_samples.Count > 2 && time.GetElapsedTime(_samples.Peek().At, now) > s_window)
            _samples.Dequeue();
        var (since, before) = _samples.Peek();
        var seconds = time.GetElapsedTime(since, now).TotalSeconds;
        return seconds > 0 ? (count - before) / seconds : 0;
    }
}
