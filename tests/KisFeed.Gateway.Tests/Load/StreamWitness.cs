using KisFeed.Gateway.Tests.Web.Streaming;

namespace KisFeed.Gateway.Tests.Load;

/// <summary>Reads a stream of all keys of a <see cref="NumberedService"/>, and checks of each item that nothing is missing before it unless a gap says so, and that no gap says so in vain.</summary>
internal sealed class StreamWitness
{
    private readonly Dictionary<string, NumberedRecord> _last = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StreamEvent> _gaps = new(StringComparer.Ordinal);
    private readonly HashSet<string> _interrupted = new(StringComparer.Ordinal);

    /// <summary>How often data were missing, over all keys.</summary>
    public int Gaps { get; private set; }

    /// <summary>Records so far.</summary>
    public int Records { get; private set; }

    /// <summary>Whether a record of each key has come of this connection with at least this number.</summary>
    public bool HasAll(int connection, int number) =>
        _last.Count == NumberedService.Keys.Count && _last.Values.All(record => record.Connection == connection && record.Number >= number);

    public void See(StreamEvent item)
    {
        switch (item.Kind)
        {
            case "subscribed":
                break;
            case "record":
                See(item.Key, NumberedRecord.Of(item));
                break;
            case "gap":
                _gaps.TryAdd(item.Key, item).ShouldBeTrue($"two gaps where one is: {item.Json}");
                break;
            case "interruption":
                _interrupted.Add(item.Key); // More than once where a connection was lost before it brought anything.
                break;
            default:
                throw new InvalidDataException($"nothing of this kind is to come: {item.Json}");
        }
    }

    private void See(string key, NumberedRecord record)
    {
        Records++;
        var hasGap = _gaps.Remove(key, out var gap);
        var isInterrupted = _interrupted.Remove(key);
        var isFirst = !_last.TryGetValue(key, out var before);
        _last[key] = record;
        if (isFirst)
            return;
        if (record.Connection == before.Connection)
        {
            record.Number.ShouldBe(before.NextOf(key), $"after {before} of {key}");
            hasGap.ShouldBeFalse($"nothing is missing between {before} and {record} of {key}");
            isInterrupted.ShouldBeFalse($"{key} was not interrupted at {before}");
            return;
        }

        Gaps++;
        record.Connection.ShouldBeGreaterThan(before.Connection);
        record.Number.ShouldBe(NumberedRecord.FirstOf(record.Connection, key), $"after {before} of {key}");
        isInterrupted.ShouldBeTrue($"nobody said that {key} was interrupted after {before}");
        hasGap.ShouldBeTrue($"what is missing between {before} and {record} of {key} is in no gap");
        gap!.Body.GetProperty("from").GetString().ShouldBe(before.ReceivedAt);
        gap.Body.GetProperty("to").GetString().ShouldBe(record.ReceivedAt);
        gap.Body.GetProperty("reason").GetString().ShouldBe("connectionLost");
    }
}
