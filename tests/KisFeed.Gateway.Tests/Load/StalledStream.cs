using KisFeed.Gateway.Tests.Streaming;

namespace KisFeed.Gateway.Tests.Load;

/// <summary>
/// A stream of all keys of a <see cref="NumberedService"/> that is read at its start, then stalled, and then read to its end.
/// </summary>
/// <param name="name">The name of its consumer.</param>
/// <param name="nextAsync">Reads the next item.</param>
internal sealed class StalledStream(string name, Func<Task<StreamEvent?>> nextAsync)
{
    private readonly Dictionary<string, int> _last = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _missing = new(StringComparer.Ordinal);

    public string Name => name;

    /// <summary>The number of records reported as missed.</summary>
    public long Dropped { get; private set; }

    /// <summary>Reads until a record of each key has arrived.</summary>
    public async Task ReadUntilCompleteAsync()
    {
        while (_last.Count < NumberedService.Keys.Count)
            Verify((await nextAsync()).ShouldNotBeNull("the stream has ended"));
    }

    /// <summary>Reads the remaining records and checks that every record is delivered in order or reported by a gap.</summary>
    public async Task ReadToEndAsync(int sent)
    {
        while (!NumberedService.Keys.All(key => _last[key.Key] == NumberedRecord.LastOf(0, sent, key.Key)))
            Verify((await nextAsync()).ShouldNotBeNull("the stream has ended"));
    }

    private void Verify(StreamEvent item)
    {
        switch (item.Kind)
        {
            case "subscribed":
                break;
            case "gap":
                item.Body.GetProperty("reason").GetString().ShouldBe("queueOverflow");
                var frames = item.Body.GetProperty("frames").GetInt64();
                _missing.TryAdd(item.Key, frames).ShouldBeTrue($"two gaps for one: {item.Json}");
                Dropped += frames;
                break;
            default:
                item.Kind.ShouldBe("record");
                Verify(item.Key, NumberedRecord.Of(item).Number);
                break;
        }
    }

    private void Verify(string key, int number)
    {
        _missing.Remove(key, out var missing);
        if (_last.TryGetValue(key, out var last))
        {
            missing.ShouldBe(
                Enumerable.Range(last + 1, number - last - 1).Count(n => NumberedService.IsOf(0, n, key)),
                $"{name}: between {last} and {number} of {key}");
        }
        _last[key] = number;
    }
}
