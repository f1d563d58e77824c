using KisFeed.Cli.Options;
using KisFeed.Cli.Output;
using KisFeed.Gateway;
using KisFeed.Wire;

namespace KisFeed.Cli.Watching;

/// <summary>Writes what is watched as JSON, an object a record or event.</summary>
internal sealed class JsonTicks(Stream output, NameStyle names) : ITickOutput
{
    private readonly JsonLines _lines = new(output);

    public void Record(WatchTarget target, DateTimeOffset receivedAt, scoped RecordFields fields)
    {
        ItemJson.WriteRecord(_lines.Begin(), target.Feed, target.Key, receivedAt, fields, names);
        _lines.End();
    }

    public void Gap(WatchTarget target, Gap gap)
    {
        ItemJson.WriteGap(_lines.Begin(), target.Feed, target.Key, gap, names);
        _lines.End();
    }

    public void Interruption(WatchTarget target, Interruption interruption)
    {
        ItemJson.WriteInterruption(_lines.Begin(), target.Feed, target.Key, interruption, names);
        _lines.End();
    }

    public void Malformed(WatchTarget target, DateTimeOffset receivedAt, FrameError error, scoped ReadOnlySpan<byte> raw)
    {
        var json = _lines.Begin();
        ItemJson.WriteError(json, target.Feed.TrId, target.Key, receivedAt, error, names);
        FrameErrorJson.WriteRaw(json, raw);
        _lines.End();
    }

    public ValueTask FlushAsync() => _lines.FlushAsync(CancellationToken.None);

    public ValueTask DisposeAsync()
    {
        _lines.Dispose();
        return ValueTask.CompletedTask;
    }
}
