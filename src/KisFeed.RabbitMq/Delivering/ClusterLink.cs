using KisFeed.RabbitMq.Connecting;
using KisFeed.RabbitMq.Format;
using KisFeed.RabbitMq.Reading;
using Microsoft.Extensions.Logging;

namespace KisFeed.RabbitMq.Delivering;

/// <summary>
/// A connection that is open even if no key is wanted, so that the state of the cluster is known. Of the first stream it reads recent
/// batches until one says where the data come from.
/// </summary>
internal sealed class ClusterLink : IAsyncDisposable
{
    // Publishers that do not know it never say it.
    private const int MaxBatches = 200;

    private readonly SourceRuntime _runtime;
    private readonly ClusterConnector _connector;
    private readonly RetryDelay _retry;
    private readonly TimeProvider _time;
    private readonly string _stream;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _end = new();
    private Task? _running;
    private string? _problem;
    private volatile bool _isOpen;
    private int _failures;
    private long _connections;

    public ClusterLink(SourceRuntime runtime, RabbitMqClusterOptions options, string stream, ILogger logger)
    {
        _runtime = runtime;
        _stream = stream;
        _logger = logger;
        _connector = new ClusterConnector(options, "KisFeed source");
        _retry = new RetryDelay(options);
        _time = options.TimeProvider;
    }

    public bool IsOpen => _isOpen;

    /// <summary>Consecutive failures.</summary>
    public int Failures => Volatile.Read(ref _failures);

    /// <summary>Connections established.</summary>
    public long Connections => Interlocked.Read(ref _connections);

    /// <summary>Why it is not open; <see langword="null"/> while it is, or before the first attempt has failed.</summary>
    public string? Problem => Volatile.Read(ref _problem);

    public void Start() => _running = Task.Run(RunAsync);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        if (_running is not null)
            await _running.ConfigureAwait(false);
        _end.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await HoldAsync().ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_end.IsCancellationRequested)
            {
                return;
            }
            catch (RabbitMqException e) when (Connections == 0)
            {
                _runtime.End(e.Message, e);
                return;
            }
#pragma warning disable CA1031 // Nothing is lost by retrying, even after a bug.
            catch (Exception e)
#pragma warning restore CA1031
            {
                // A node that has just been started may refuse users whom it does not know yet.
                if (Connections == 0 && ClusterFailure.AdviceOn(e) is { } advice)
                {
                    _runtime.End($"{ClusterFailure.TextOf(e)}: {advice}", e);
                    return;
                }

                if (!ClusterFailure.IsExpected(e))
                    ReaderLog.Failed(_logger, _stream, e);
                OnProblem(ClusterFailure.TextOf(e));
            }

            await _retry.WaitAsync(_end.Token).ConfigureAwait(false);
        }
    }

    private async Task HoldAsync()
    {
        var link = await ConsumerLink.OpenAsync(
            _connector, _stream, "last", prefetch: 1, readsHere: false, _time, _end.Token).ConfigureAwait(false);
        await using (link.ConfigureAwait(false))
        {
            _retry.Reset();
            Volatile.Write(ref _failures, 0);
            Volatile.Write(ref _problem, null);
            Interlocked.Increment(ref _connections);
            _isOpen = true;
            _runtime.OnStateChanged();
            for (var left = MaxBatches; left > 0 && await link.WaitToReadAsync(_end.Token).ConfigureAwait(false); left--)
            {
                if (await link.ReadAsync(_end.Token).ConfigureAwait(false) is { } message && TryReadData(message))
                    break;
            }

            if (!link.Ended.IsCompleted)
                await link.StopConsumingAsync(_end.Token).ConfigureAwait(false);
            await link.Ended.WaitAsync(_end.Token).ConfigureAwait(false);
            OnProblem(link.Problem);
        }
    }

    private bool TryReadData(in StreamMessage message)
    {
        if (!StreamBatch.TryRead(message.Body, out var batch, out _))
            return false;
        _runtime.SetData(batch);
        return batch.Data is not null;
    }

    private void OnProblem(string problem)
    {
        if (Problem != problem)
            ReaderLog.CannotRead(_logger, _stream, _connector.Address, problem);
        Interlocked.Increment(ref _failures);
        Volatile.Write(ref _problem, problem);
        _isOpen = false;
        _runtime.OnStateChanged();
    }
}
