using System.Globalization;
using KisFeed.Cli.Hosting;
using KisFeed.Cli.Options;
using KisFeed.Cli.Output;
using KisFeed.Cli.Ticks;
using KisFeed.Wire;

namespace KisFeed.Cli.Watching;

/// <summary>Writes the records of one feed as rows of CSV. Events have no place in a row; they go to standard error.</summary>
internal sealed class CsvTicks : ITickOutput
{
    private const string MomentFormat = "yyyy-MM-ddTHH:mm:ss.fffffffzzz";

    private readonly CommandHost _host;
    private readonly FeedSchema _feed;
    private readonly RecordCsv _csv;
    private readonly TextLines _output;

    public CsvTicks(CommandHost host, FeedSchema feed, NameStyle names)
    {
        _host = host;
        _feed = feed;
        _csv = new RecordCsv(feed, names);
        _output = new TextLines(host);
        string[] origin = names == NameStyle.Kis ? ["tr_id", "tr_key", "received_at", "timestamp"] : ["trId", "key", "receivedAt", "timestamp"];
        _output.Text.AppendJoin(',', origin.Concat(_csv.Header)).Append('\n');
    }

    public void Record(WatchTarget target, DateTimeOffset receivedAt, scoped RecordFields fields)
    {
        _output.Text.Append(_feed.TrId).Append(',');
        RecordCsv.AppendText(_output.Text, target.Key);
        _output.Text.Append(',').Append(Format(receivedAt)).Append(',').Append(Format(FeedClock.TimestampOf(_feed, fields, receivedAt))).Append(',');
        _csv.AppendRow(_output.Text, fields);
        _output.Text.Append('\n');
    }

    public void Gap(WatchTarget target, Gap gap) => _host.Error.WriteLine($"kisfeed: gap: {EventText.Of(target, gap)}");

    public void Interruption(WatchTarget target, Interruption interruption)
    {
    }

    public void Malformed(WatchTarget target, DateTimeOffset receivedAt, FrameError error, scoped ReadOnlySpan<byte> raw) =>
        _host.Error.WriteLine($"kisfeed: malformed: {EventText.Of(target, error)}");

    public ValueTask FlushAsync() => _output.FlushAsync();

    public ValueTask DisposeAsync() => _output.DisposeAsync();

    private static string Format(DateTimeOffset? instant) =>
        instant is { } moment ? KoreaTime.From(moment).ToString(MomentFormat, CultureInfo.InvariantCulture) : "";
}
