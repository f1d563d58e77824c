using KisFeed.Gateway.Tests.Streaming;

namespace KisFeed.Gateway.Tests.Load;

/// <summary>
/// Reads a stream of all keys of a <see cref="NumberedService"/> and checks that exactly the missing records are reported by gaps.
/// </summary>
internal sealed class StreamVerifier
{
    private readonly Dictionary<string, NumberedRecord> _last = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StreamEvent> _gaps = new(StringComparer.Ordinal);
    private readonly HashSet<string> _interrupted = new(StringComparer.Ordinal);

    /// <summary>The number of gaps of all keys.</summary>
    public int Gaps { get; private set; }

    /// <summary>The number of received records.</summary>
    public int Records { get; private set; }

    /// <summary>Whether a record of each key with at least this number has arrived from a connection.</summary>
    public bool HasReceivedAll(int connection, int number) =>
        _last.Count == NumberedService.Keys.Count && _last.Values.All(record => record.Connection == connection && record.Number >= number);

    public void Verify(StreamEvent item)
    {
        switch (item.Kind)
        {
            case "subscribed":
                break;
            case "record":
                Verify(item.Key, NumberedRecord.Of(item));
                break;
            case "gap":
                _gaps.TryAdd(item.Key, item).ShouldBeTrue($"two gaps for one: {item.Json}");
                break;
            case "interruption":
                _interrupted.Add(item.Key); // Repeated if a connection was lost before its first record.
                break;
            default:
                throw new InvalidDataException($"unexpected item: {item.Json}");
        }
    }

    private void Verify(string key, NumberedRecord record)
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
            hasGap.ShouldBeFalse($"no records are missing between {before} and {record} of {key}");
            isInterrupted.ShouldBeFalse($"{key} was not interrupted at {before}");
            return;
        }

        Gaps++;
        record.Connection.ShouldBeGreaterThan(before.Connection);
        record.Number.ShouldBe(NumberedRecord.FirstOf(record.Connection, key), $"after {before} of {key}");
        isInterrupted.ShouldBeTrue($"no interruption of {key} was sent after {before}");
        hasGap.ShouldBeTrue($"no gap reports the records between {before} and {record} of {key}");
        gap!.Body.GetProperty("from").GetString().ShouldBe(before.ReceivedAt);
        gap.Body.GetProperty("to").GetString().ShouldBe(record.ReceivedAt);
        gap.Body.GetProperty("reason").GetString().ShouldBe("connectionLost");
    }
}
