using KisFeed.RabbitMq.Connecting;
using KisFeed.RabbitMq.Reading;
using Microsoft.Extensions.Logging;

namespace KisFeed.RabbitMq.Delivering;

/// <summary>Reads one stream until it is disposed.</summary>
internal sealed class SourceStream : IAsyncDisposable
{
    private readonly SourceRuntime _runtime;
    private readonly StreamMessages _messages;
    private readonly StreamDelivery _delivery;
    private readonly RetryDelay _retry;
    private readonly ILogger _logger;
    private readonly string _name;
    private readonly CancellationTokenSource _end = new();
    private TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _refusal;
    private Task? _reading;

    public SourceStream(SourceRuntime runtime, RabbitMqSourceOptions options, string name, StreamDelivery delivery, ILogger logger)
    {
        _runtime = runtime;
        _name = name;
        _delivery = delivery;
        _logger = logger;
        _retry = new RetryDelay(options.Cluster);
        _messages = new StreamMessages(
            options.Reader, name, logger, new MessageStart(IsNow: true), () => delivery.Entries.LastAt, OnStateChanged, readsHere: true);
    }

    /// <summary>Completes when the stream is being read. Guarded by the lock of the source.</summary>
    public Task Opened => _opened.Task;

    public bool IsOpen => _refusal is null && _messages.IsOpen;

    /// <summary>Why it is not being read.</summary>
    public string? Problem => Volatile.Read(ref _refusal) ?? _messages.Problem;

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
        if (_messages.IsOpen)
            Volatile.Write(ref _refusal, null);
        if (!IsOpen)
        {
            if (_opened.Task.IsCompleted)
                _opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        else if (_opened.TrySetResult() && _messages.Connections > 1)
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
            catch (RabbitMqException e)
            {
                // The user can connect, but not read this stream.
                if (_refusal is null)
                    ReaderLog.CannotRead(_logger, _name, "the cluster", e.Message);
                Volatile.Write(ref _refusal, e.Message);
                _runtime.OnStateChanged();
            }
#pragma warning disable CA1031 // A message that cannot be handled is missing, which its successor shows.
            catch (Exception e)
#pragma warning restore CA1031
            {
                ReaderLog.Failed(_logger, _name, e);
            }

            await _retry.WaitAsync(_end.Token).ConfigureAwait(false);
        }
    }

    private void OnStateChanged() => _runtime.OnStateChanged();
}
