using KisFeed.Gateway.Tests.Web.Streaming;

namespace KisFeed.Gateway.Tests.Load;

/// <summary>A stream of all keys of a <see cref="NumberedService"/> that is read at its beginning, then not for a while, and then to its end.</summary>
/// <param name="name">The consumer whose it is.</param>
/// <param name="nextAsync">Reads the next item.</param>
internal sealed class DeafStream(string name, Func<Task<StreamEvent?>> nextAsync)
{
    private readonly Dictionary<string, int> _last = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _missing = new(StringComparer.Ordinal);

    public string Name => name;

    /// <summary>Records that it was told it had missed.</summary>
    public long Dropped { get; private set; }

    /// <summary>Reads until a record of each key has come.</summary>
    public async Task BeginAsync()
    {
        while (_last.Count < NumberedService.Keys.Count)
            See((await nextAsync()).ShouldNotBeNull("the stream has ended"));
    }

    /// <summary>Reads to the end of what was sent, and checks that every record of each key has come or is in a gap, and stands where it belongs.</summary>
    public async Task ReadOnAsync(int sent)
    {
        while (!NumberedService.Keys.All(key => _last[key.Key] == NumberedRecord.LastOf(0, sent, key.Key)))
            See((await nextAsync()).ShouldNotBeNull("the stream has ended"));
    }

    private void See(StreamEvent item)
    {
        switch (item.Kind)
        {
            case "subscribed":
                break;
            case "gap":
                item.Body.GetProperty("reason").GetString().ShouldBe("queueOverflow");
                var frames = item.Body.GetProperty("frames").GetInt64();
                _missing.TryAdd(item.Key, frames).ShouldBeTrue($"two gaps where one is: {item.Json}");
                Dropped += frames;
                break;
            default:
                item.Kind.ShouldBe("record");
                See(item.Key, NumberedRecord.Of(item).Number);
                break;
        }
    }

    private void See(string key, int number)
    {
        _missing.Remove(key, out var missing);
        if (_last.TryGetValue(key, out var last))
            missing.ShouldBe(Enumerable.Range(last + 1, number - last - 1).Count(n => NumberedService.IsOf(0, n, key)), $"{name}: between {last} and {number} of {key}");
        _last[key] = number;
    }
}
