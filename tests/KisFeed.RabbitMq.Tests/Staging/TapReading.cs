using System.Globalization;
using System.Text;
using KisFeed.Feeds;
using KisFeed.TestSupport;
using KisFeed.Wire;

namespace KisFeed.RabbitMq.Tests.Staging;

/// <summary>Reads a tap with frames of a <see cref="NumberedService"/>.</summary>
internal sealed class TapReading
{
    private readonly Lock _gate = new();
    private readonly List<FrameItem> _items = [];
    private readonly Dictionary<string, List<int>> _numbers = NumberedService.Keys.ToDictionary(
        key => key.Key, _ => new List<int>(), StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _described = NumberedService.Keys.ToDictionary(
        key => key.Key, _ => new List<string>(), StringComparer.Ordinal);
    private readonly RecordReaderBuffer _scratch = new();
    private readonly Task _reading;

    public TapReading(FrameTap tap) => _reading = Task.Run(() => ReadAsync(tap));

    public IReadOnlyList<FrameItem> Items
    {
        get
        {
            lock (_gate)
                return [.. _items];
        }
    }

    public int CountOf(string key)
    {
        lock (_gate)
            return _numbers[key].Count;
    }

    public int LastOf(string key)
    {
        lock (_gate)
            return _numbers[key][^1];
    }

    public List<int> NumbersOf(string key)
    {
        lock (_gate)
            return [.. _numbers[key]];
    }

    /// <summary>The frames, interruptions and gaps of a key.</summary>
    public List<string> DescribedOf(string key)
    {
        lock (_gate)
            return [.. _described[key]];
    }

    public async Task EndAsync(IFrameSource source)
    {
        await source.DisposeAsync();
        await _reading;
    }

    private async Task ReadAsync(FrameTap tap)
    {
        await foreach (var item in tap.ReadAllAsync())
        {
            lock (_gate)
            {
                _items.Add(item);
                if (item.IsFrame)
                {
                    Add(item.Frame);
                }
                else if (item.Event is Interruption interruption)
                {
                    _described[item.Key!].Add($"Interruption {interruption.Reason}");
                }
                else if (item.Event is Gap gap)
                {
                    _described[item.Key!].Add(
                        string.Create(CultureInfo.InvariantCulture, $"Gap {gap.Reason} {gap.Frames} {gap.From:O} {gap.To:O}"));
                }
            }
        }
    }

    // A frame with records of two keys may come as a frame for each.
    private void Add(in Frame frame)
    {
        var (connection, number) = NumberedService.NumberOf(frame.Bytes.Span);
        DataFrame.TryParse(frame.Bytes.Span, out var data, out _).ShouldBeTrue();
        KisFeeds.Catalog.TryGet(data.TrId, out var feed).ShouldBeTrue();
        _scratch.TryRead(feed!, data, out var reader, out _).ShouldBeTrue();
        while (reader.MoveNext())
        {
            var key = Encoding.UTF8.GetString(feed!.KeyOf(reader.Current));
            _numbers[key].Add(number);
            _described[key].Add(string.Create(CultureInfo.InvariantCulture, $"{connection}/{number}"));
        }
    }
}
