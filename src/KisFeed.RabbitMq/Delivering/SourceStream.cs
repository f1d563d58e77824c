using KisFeed.RabbitMq.Reading;
using Microsoft.Extensions.Logging;

namespace KisFeed.RabbitMq.Delivering;

/// <summary>Reads one stream until it is disposed.</summary>
internal sealed class SourceStream : IAsyncDisposable
{
    private readonly SourceRuntime _runtime;
    private readonly StreamMessages _messages;
    private readonly StreamDelivery _delivery;
    private readonly CancellationTokenSource _end = new();
    private TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _reading;

    public SourceStream(SourceRuntime runtime, RabbitMqSourceOptions options, string name, StreamDelivery delivery, ILogger logger)
    {
        _runtime = runtime;
        _delivery = delivery;
        _messages = new StreamMessages(
            options.Reader, name, logger, new MessageStart(IsNow: true), () => delivery.Entries.LastAt, runtime.OnStateChanged,
            isSource: true);
    }

    /// <summary>Completes when the stream is being read. Guarded by the lock of the source.</summary>
    public Task Opened => _opened.Task;

    public StreamConnection Connection => _messages.Connection;

    public StreamDelivery Delivery => _delivery;

    public void Start() => _reading = Task.Run(ReadAsync);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        if (_reading is not null)
            await _reading.ConfigureAwait(false);
        _end.Dispose();
    }

    /// <summary>Follows the connection. Called under the lock of the source.</summary>
    public void Update()
    {
        if (!Connection.IsOpen)
        {
            if (_opened.Task.IsCompleted)
                _opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        else if (_opened.TrySetResult() && Connection.Connections > 1)
        {
            _delivery.OnReopened(_runtime.Now);
        }
    }

    private async Task ReadAsync()
    {
        long? next = null;
        while (true)
        {
            try
            {
                await foreach (var message in _messages.ReadAsync(next, _end.Token).ConfigureAwait(false))
                {
                    next = message.Offset + 1;
                    if (_runtime.Deliver(_delivery, message, _messages.From) is { } congested)
                        await _runtime.WaitAsync(congested, _end.Token).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (_end.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // A message that cannot be handled is missing, which its successor shows.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Connection.OnFailed(e);
                await Connection.WaitAsync(_end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
