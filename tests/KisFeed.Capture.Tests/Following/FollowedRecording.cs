using KisFeed.Capture.Files;
using KisFeed.Capture.Following;
using KisFeed.Capture.Writing;

namespace KisFeed.Capture.Tests.Following;

/// <summary>
/// Recorders that write, end and are killed, and a reader that is stopped and continues, in an order that a seed determines.
/// </summary>
internal sealed class FollowedRecording : IDisposable
{
    private static readonly string[] s_feeds = ["H0UPCNT0", "H0BJCNT0", "H0UNPGM0"];

    private readonly string _path;
    private readonly Random _random;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, (long Position, DateTimeOffset? FirstAt)> _positions = new(StringComparer.Ordinal);
    private readonly List<(string Feed, string Line)> _buffered = [];
    private CaptureWriter? _writer;
    private CaptureFollower _follower;
    private DateTimeOffset _now = Ticks.Opening;
    private int _number;

    public FollowedRecording(string path, int seed, TimeProvider time)
    {
        _path = path;
        _random = new Random(seed);
        _time = time;
        _follower = NewFollower();
    }

    /// <summary>The frames that were written to files, by feed.</summary>
    public List<string> Written { get; } = [];

    /// <summary>The frames that were read, by feed.</summary>
    public List<string> Read { get; } = [];

    public List<CaptureProblem> Problems { get; } = [];

    public void Step()
    {
        switch (_random.Next(12))
        {
            case < 4:
                WriteSome();
                break;
            case 4 or 5:
                Flush();
                break;
            case 6:
                Close();
                break;
            case 7:
                Kill();
                break;
            case 8:
                _follower.Dispose();
                _follower = NewFollower();
                break;
            default:
                ReadSome(_random.Next(1, 5));
                break;
        }
    }

    /// <summary>Closes the files and reads the rest.</summary>
    public void End()
    {
        Close();
        using (NewWriter())
        {
            // Recovers the files of a recorder that was killed.
        }

        ReadSome(int.MaxValue);
        foreach (var frames in (List<string>[])[Written, Read])
            frames.Sort(StringComparer.Ordinal);
    }

    public void Dispose()
    {
        _writer?.Dispose();
        _follower.Dispose();
    }

    private void WriteSome()
    {
        _writer ??= NewWriter();
        for (var i = _random.Next(1, 40); i > 0; i--)
        {
            var feed = s_feeds[_random.Next(s_feeds.Length)];

            // Some lines are longer than a block, and some days end.
            var length = _random.Next(60) == 0 ? _random.Next(60_000, 300_000) : _random.Next(10, 300);
            _now = _random.Next(150) == 0 ? _now.AddHours(8) : _now.AddMilliseconds(_random.Next(3) + 1);
            var text = string.Create(length, _random.Next(), static (span, seed) => new Random(seed).GetItems("0123456789^.abcdef", span));
            var frame = string.Create(CultureInfo.InvariantCulture, $"0|{feed}|001|{_number++}^{text}");
            _writer.Write(feed, Encoding.UTF8.GetBytes(frame), _now);
            _buffered.Add((feed, frame));
        }
    }

    private void Flush()
    {
        _writer?.Flush();
        MoveBuffered();
    }

    private void Close()
    {
        _writer?.Close();
        _writer = null;
        MoveBuffered();
    }

    // Without a flush, so the buffered frames are lost. The last write may be cut off anywhere.
    private void Kill()
    {
        if (_writer is null)
            return;
        _writer.Dispose();
        _writer = null;
        _buffered.Clear();
        foreach (var newest in DatedFile.In(_path).GroupBy(file => file.Feed, StringComparer.Ordinal).Select(feed => feed.Max()!)
            .Where(_ => _random.Next(2) == 0).ToList())
        {
            var torn = TornWrite();
            using var file = new FileStream(newest.Path, FileMode.Append);
            file.Write(torn.AsSpan(0, _random.Next(torn.Length)));
        }
    }

    // A line over several blocks, of which any part may have reached the disk, but not all.
    private byte[] TornWrite()
    {
        using var packer = new TextPacker(System.IO.Compression.CompressionLevel.Fastest);
        packer.Add(Encoding.UTF8.GetBytes($"2026-11-20T00:00:00.0000000Z 0|TORN|001|{new string('t', _random.Next(100, 200_000))}\n"));
        return packer.Pack()[..^1].ToArray();
    }

    private void ReadSome(int batches)
    {
        _follower.Search().ShouldBeEmpty();
        for (; batches > 0 && _follower.Read(_random.Next(1, 200_000)) is { } batch; batches--)
        {
            (_positions.TryGetValue(batch.File, out var stored) ? stored.Position : 0).ShouldBe(batch.From);
            batch.IsRestarted.ShouldBeFalse();
            _positions[batch.File] = (batch.To, batch.FirstAt);
            Problems.AddRange(batch.Items.Select(item => item.Item.Problem).OfType<CaptureProblem>());
            Read.AddRange(batch.Items.Where(item => item.Item.IsFrame).Select(item => Encoding.UTF8.GetString(item.Item.Frame.Bytes.Span)));
            batch.Items.Select(item => (item.Position, item.Line)).Distinct().Count().ShouldBe(batch.Items.Count);
        }
    }

    private void MoveBuffered()
    {
        Written.AddRange(_buffered.Select(frame => frame.Line));
        _buffered.Clear();
    }

    private CaptureWriter NewWriter() => new(new CaptureWriterOptions
    {
        Directory = _path,
        FlushToDisk = false,
        MaxFileBytes = 1 << 16,
        Compression = System.IO.Compression.CompressionLevel.Fastest,
    });

    private CaptureFollower NewFollower()
    {
        var follower = new CaptureFollower(new CaptureFollowerOptions { Directory = _path, TimeProvider = _time });
        foreach (var (file, (position, firstAt)) in _positions)
            follower.SetPosition(file, position, firstAt);
        return follower;
    }
}
