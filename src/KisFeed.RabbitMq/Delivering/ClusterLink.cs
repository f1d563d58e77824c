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
    private readonly CancellationTokenSource _end = new();
    private Task? _running;

    public ClusterLink(SourceRuntime runtime, RabbitMqClusterOptions options, string stream, ILogger logger)
    {
        _runtime = runtime;
        Connection = new StreamConnection(options, "KisFeed source", stream, logger, retriesAll: false, runtime.OnStateChanged);
    }

    public StreamConnection Connection { get; }

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
        try
        {
            while (true)
            {
                if (await Connection.TryOpenAsync("last", prefetch: 1, readsHere: false, _end.Token).ConfigureAwait(false) is { } link)
                    await HoldAsync(link).ConfigureAwait(false);
                await Connection.WaitAsync(_end.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The source has ended.
        }
        catch (RabbitMqException e)
        {
            _runtime.End(e.Message, e);
        }
    }

    private async Task HoldAsync(ConsumerLink link)
    {
        Connection.ResetDelay();
        await using (link.ConfigureAwait(false))
        {
            try
            {
                for (var left = MaxBatches; left > 0 && await link.WaitToReadAsync(_end.Token).ConfigureAwait(false); left--)
                {
                    if (await link.ReadAsync(_end.Token).ConfigureAwait(false) is { } message && TryReadData(message))
                        break;
                }

                if (!link.Ended.IsCompleted)
                    await link.StopConsumingAsync(_end.Token).ConfigureAwait(false);
                await link.Ended.WaitAsync(_end.Token).ConfigureAwait(false);
                Connection.OnLost(link.Problem);
            }
#pragma warning disable CA1031 // Nothing is lost by retrying, even after a bug.
            catch (Exception e) when (e is not OperationCanceledException || !_end.IsCancellationRequested)
#pragma warning restore CA1031
            {
                Connection.OnFailed(e);
            }
        }
    }

    private bool TryReadData(in StreamMessage message)
    {
        if (!StreamBatch.TryRead(message.Body, out var batch, out _))
            return false;
        _runtime.SetData(batch);
        return batch.Data is not null;
    }
}
