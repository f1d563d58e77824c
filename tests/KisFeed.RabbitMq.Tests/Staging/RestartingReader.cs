using KisFeed.Feeds;
using KisFeed.TestSupport;

namespace KisFeed.RabbitMq.Tests.Staging;

/// <summary>
/// Reads a key of a <see cref="NumberedService"/> from the first message on, and begins again from its position at random moments.
/// </summary>
internal sealed class RestartingReader : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly List<int> _numbers = [];
    private readonly List<FeedEvent> _events = [];
    private readonly Task _reading;
    private volatile RabbitMqReader<IndexTrade>? _reader;
    private volatile bool _hasReadEnd;

    public RestartingReader(RabbitMqClusterOptions cluster, Random random)
    {
        _reading = Task.Run(() => ReadAsync(new RabbitMqReaderOptions { Cluster = cluster }, random));
    }

    /// <summary>How often it began again.</summary>
    public int Restarts { get; private set; }

    /// <summary>The numbers of the frames whose records were read, and the events.</summary>
    public (int[] Numbers, FeedEvent[] Events) Read
    {
        get
        {
            lock (_gate)
                return ([.. _numbers], [.. _events]);
        }
    }

    /// <summary>Whether it has read the message that is not a batch, which the test has put behind everything else.</summary>
    public bool HasReadEnd => _hasReadEnd || _reader is { Malformed: > 0 };

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private async Task ReadAsync(RabbitMqReaderOptions options, Random random)
    {
        for (var start = RabbitMqStart.First; ; Restarts++)
        {
            var reader = new RabbitMqReader<IndexTrade>(options, IndexTrade.Feed, "0001", start);
            _reader = reader;
            using var restart = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
            restart.CancelAfter(random.Next(200, 4000));
            try
            {
                await foreach (var item in reader.ReadItemsAsync(restart.Token))
                {
                    lock (_gate)
                    {
                        if (item.Event is { } other)
                            _events.Add(other);
                        else
                            _numbers.Add((int)item.Record.AccumulatedVolume!);
                    }
                }
            }
            catch (OperationCanceledException) when (!_end.IsCancellationRequested)
            {
                _hasReadEnd |= reader.Malformed > 0;
                start = KeyStream.Behind(reader);
            }
        }
    }
}
