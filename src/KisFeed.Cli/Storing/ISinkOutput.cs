using KisFeed.Cli.Captures;
using KisFeed.Cli.Watching;
using KisFeed.PostgreSql;

namespace KisFeed.Cli.Storing;

/// <summary>Shows the status of a sink.</summary>
internal interface ISinkOutput : IAsyncDisposable
{
    /// <summary>Shows the status if enough time has passed.</summary>
    ValueTask ShowAsync(PostgreSqlSinkStatus status);

    /// <summary>Shows the final status.</summary>
    ValueTask EndAsync(PostgreSqlSinkStatus status);
}

/// <summary>Writes the status of a sink for people.</summary>
internal sealed class TextSinkOutput : ISinkOutput
{
    private readonly ProgressLine _line;
    private readonly RateMeter _rate;
    private readonly string _target;

    /// <summary>Creates the output.</summary>
    /// <param name="host">The host.</param>
    /// <param name="target">Where records are stored.</param>
    public TextSinkOutput(CommandHost host, string target)
    {
        _line = new ProgressLine(host);
        _rate = new RateMeter(host.Time);
        _target = target;
    }

    public ValueTask ShowAsync(PostgreSqlSinkStatus status)
    {
        var rate = _rate.Sample(status.Records);
        return _line.ShowAsync(() => PartsOf(status, rate));
    }

    public ValueTask EndAsync(PostgreSqlSinkStatus status)
    {
        var malformed = status.Malformed > 0 ? string.Create(CultureInfo.InvariantCulture, $"; {status.Malformed:N0} malformed") : "";
        var lag = status.LagBytes > 0 ? $"; {ByteSize.Text(status.LagBytes)} not stored yet" : "";
        return _line.EndAsync($"stored {CountText.Of(status.Records, "record")} in {_target}{malformed}{lag}");
    }

    public ValueTask DisposeAsync() => _line.DisposeAsync();

    private static List<string> PartsOf(PostgreSqlSinkStatus status, double rate)
    {
        List<string> parts = status.Problem is null ? [] : ["NOT STORED"];
        parts.Add(CountText.Of(status.Records, "record"));
        parts.Add(status.LagBytes > 0 ? $"{ByteSize.Text(status.LagBytes)} behind" : "up to date");
        if (status.Feeds.Max(feed => feed.LastAt) is { } last)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"last {KoreaTime.From(last):yyyy-MM-dd HH:mm:ss}"));
        parts.Add(string.Create(CultureInfo.InvariantCulture, $"{rate:N0}/s"));
        if (status.Malformed > 0)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{status.Malformed:N0} malformed"));
        return parts;
    }
}

/// <summary>Writes the status of a sink as JSON, one object per line, each second and at the end.</summary>
internal sealed class JsonSinkOutput(CommandHost host) : ISinkOutput
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly JsonLines _lines = new(host.Output);
    private readonly RateMeter _rate = new(host.Time);
    private long? _shownAt;

    public ValueTask ShowAsync(PostgreSqlSinkStatus status)
    {
        if (_shownAt is { } shownAt && host.Time.GetElapsedTime(shownAt) < s_interval)
            return ValueTask.CompletedTask;
        _shownAt = host.Time.GetTimestamp();
        return WriteAsync(status);
    }

    public ValueTask EndAsync(PostgreSqlSinkStatus status) => WriteAsync(status);

    public ValueTask DisposeAsync()
    {
        _lines.Dispose();
        return ValueTask.CompletedTask;
    }

    private async ValueTask WriteAsync(PostgreSqlSinkStatus status)
    {
        var json = _lines.Begin();
        json.WriteString("at", TimeText.Utc(host.Time.GetUtcNow()));
        json.WriteNumber("records", status.Records);
        json.WriteNumber("malformed", status.Malformed);
        json.WriteNumber("duplicates", status.Duplicates);
        json.WriteNumber("transactions", status.Transactions);
        json.WriteNumber("failures", status.Failures);
        json.WriteNumber("rate", Math.Round(_rate.Sample(status.Records), 1));
        json.WriteNumber("lagBytes", status.LagBytes);
        if (status.LastStoredAt is { } storedAt)
            json.WriteString("lastStoredAt", TimeText.Utc(storedAt));
        if (status.Problem is { } problem)
        {
            json.WriteString("problem", SinkText.Of(problem));
            json.WriteString("problemSince", TimeText.Utc(status.ProblemSince!.Value));
        }

        if (status.HasEnded)
            json.WriteBoolean("ended", true);
        json.WriteStartArray("feeds");
        foreach (var feed in status.Feeds)
        {
            json.WriteStartObject();
            json.WriteString("feed", feed.TrId);
            json.WriteNumber("records", feed.Records);
            if (feed.LastAt is { } lastAt)
                json.WriteString("lastAt", TimeText.Utc(lastAt));
            json.WriteNumber("lagBytes", feed.LagBytes);
            json.WriteNumber("lagSeconds", Math.Round(feed.Lag.TotalSeconds, 3));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        _lines.End();
        await _lines.FlushAsync(CancellationToken.None);
    }
}
