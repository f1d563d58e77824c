using KisFeed.Gateway.Tests.Web.Streaming;

namespace KisFeed.Gateway.Tests.Load;

/// <summary>A stream of all keys of a <see cref="NumberedService"/> that is read at its beginning, then not for a while, and then to its end.</summary>
/// <param name="name">The consumer whose it is.</param>
/// <param name="nextAsync">Reads the next item.</param>
internal sealed class DeafStream(string name, Func<Task<StreamEvent?>> nextAsync)
{
    private readonly Dictionary<string, int> _last = new(StringComparer.Ordinal);

    public string Name => name;

    /// <summary>Records that it was told it had missed.</summary>
    public long Dropped { get; private set; }

    /// <summary>Reads until a record of each key has come.</summary>
    public async Task BeginAsync()
    {
        while (_last.Count < NumberedService.Keys.Count)
        {
            var item = (await nextAsync()).ShouldNotBeNull();
            item.Kind.ShouldBeOneOf("subscribed", "record");
            if (item.IsRecord)
                _last[item.Key] = NumberedRecord.Of(item).Number;
        }
    }

    /// <summary>Reads to the end of what was sent, and checks that every record of each key has come or is in a gap, and stands where it belongs.</summary>
    public async Task ReadOnAsync(int sent)
    {
        var missing = NumberedService.Keys.ToDictionary(key => key.Key, _ => 0L, StringComparer.Ordinal);
        while (!NumberedService.Keys.All(key => _last[key.Key] == NumberedRecord.LastOf(0, sent, key.Key)))
        {
            var item = (await nextAsync()).ShouldNotBeNull("the stream has ended");
            if (!item.IsRecord)
            {
                item.Kind.ShouldBe("gap");
                item.Body.GetProperty("reason").GetString().ShouldBe("queueOverflow");
                missing[item.Key] += item.Body.GetProperty("frames").GetInt64();
                continue;
            }

            var record = NumberedRecord.Of(item);
            var passed = Enumerable.Range(_last[item.Key] + 1, record.Number - _last[item.Key] - 1).Count(number => NumberedService.IsOf(0, number, item.Key));
            missing[item.Key].ShouldBe(passed, $"{name}: between {_last[item.Key]} and {record.Number} of {item.Key}");
            _last[item.Key] = record.Number;
            Dropped += passed;
            missing[item.Key] = 0;
        }
    }
}
