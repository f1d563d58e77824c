using System.Buffers;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using KisFeed.Server.Protocol;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Simulator;

/// <summary>
/// A session with the faults that concern requests: refused, delayed or reordered. Delayed requests are executed late rather than answered
/// late, so that no data of a registration precede its acknowledgement. Without faults it forwards everything.
/// </summary>
internal sealed class FaultySession(
    ProtocolSession session, IClientConnection connection, FaultController faults, SessionOptions options) : IClientSession
{
    // The maximum number of delayed requests. When it is reached, reading from the client pauses.
    private const int Capacity = 1_000;

    private readonly Channel<DeferredRequest> _deferred = Channel.CreateBounded<DeferredRequest>(Capacity);
    private readonly ArrayBufferWriter<byte> _refusal = new();
    private readonly CancellationTokenSource _ending = new();
    private Task? _execution;
    private int _deferredCount;

    public int RegistrationCount => session.RegistrationCount;

    /// <summary>How long a reordered request waits for the next one.</summary>
    public static TimeSpan ReorderTimeout { get; } = TimeSpan.FromMilliseconds(200);

    public ValueTask HandleTextAsync(ReadOnlyMemory<byte> text)
    {
        if (session.TryAnswerHeartbeat(text.Span))
            return ValueTask.CompletedTask;
        var current = faults.Current;
        if (Volatile.Read(ref _deferredCount) == 0 && current.SlowAck == TimeSpan.Zero && !current.ReorderAck)
            return ExecuteAsync(text);

        Interlocked.Increment(ref _deferredCount);
        _execution ??= Task.Run(ExecuteDeferredAsync);
        return _deferred.Writer.WriteAsync(
            new DeferredRequest(text.ToArray(), options.TimeProvider.GetTimestamp(), current.SlowAck), _ending.Token);
    }

    public void HandlePing(ReadOnlySpan<byte> payload) => session.HandlePing(payload);

    public void HandlePong(ReadOnlySpan<byte> payload) => session.HandlePong(payload);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _ending.CancelAsync().ConfigureAwait(false);
            if (_execution is not null)
                await _execution.ConfigureAwait(false);
        }
        finally
        {
            _ending.Dispose();
            await session.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task ExecuteDeferredAsync()
    {
        try
        {
            while (true)
            {
                var first = await _deferred.Reader.ReadAsync(_ending.Token).ConfigureAwait(false);
                await WaitUntilDueAsync(first).ConfigureAwait(false);
                if (!faults.Current.ReorderAck || await TryDequeueNextAsync().ConfigureAwait(false) is not { } second)
                {
                    await ExecuteAsync(first).ConfigureAwait(false);
                    continue;
                }

                await WaitUntilDueAsync(second).ConfigureAwait(false);
                var inOrder = first.HasSameKeyAs(second);
                await ExecuteAsync(inOrder ? first : second).ConfigureAwait(false);
                await ExecuteAsync(inOrder ? second : first).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // The session ends; delayed requests are discarded.
        }
        catch
        {
            // Requests are no longer handled, so the client must not wait for answers. Disposal rethrows the exception.
            connection.Cut();
            throw;
        }
    }

    private async Task WaitUntilDueAsync(DeferredRequest request)
    {
        var left = request.Delay - options.TimeProvider.GetElapsedTime(request.Received);
        if (left > TimeSpan.Zero)
            await Task.Delay(left, options.TimeProvider, _ending.Token).ConfigureAwait(false);
    }

    private async Task<DeferredRequest?> TryDequeueNextAsync()
    {
        try
        {
            await _deferred.Reader.WaitToReadAsync(_ending.Token).AsTask()
                .WaitAsync(ReorderTimeout, options.TimeProvider, _ending.Token).ConfigureAwait(false);
            return _deferred.Reader.TryRead(out var next) ? next : null;
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private async Task ExecuteAsync(DeferredRequest request)
    {
        await connection.WaitForRoomAsync().WaitAsync(_ending.Token).ConfigureAwait(false);
        await ExecuteAsync(request.Text).ConfigureAwait(false);
        Interlocked.Decrement(ref _deferredCount);
    }

    private ValueTask ExecuteAsync(ReadOnlyMemory<byte> text)
    {
        if (faults.Current.Refuse is null
            || !Request.TryParse(text, out var request, out _, options.AllowNumbers)
            || request.Type != RequestType.Register
            || !faults.TryUseRefusal(out var code))
        {
            return session.HandleTextAsync(text);
        }

        Refuse(code, request);
        return ValueTask.CompletedTask;
    }

    private void Refuse(BrokerCode code, in Request request)
    {
        if (Refusal.NamesRequest(code))
            ControlMessageWriter.WriteRefusal(_refusal, code, request.TrId, request.TrKey);
        else
            ControlMessageWriter.WriteRefusal(_refusal, code);
        _ = connection.Send(MessageKind.Refusal, _refusal.WrittenSpan);
        _refusal.ResetWrittenCount();
        ServerLog.Refused(options.Logger, connection.Id, code, Refusal.TextOf(code));
        if (code == BrokerCode.UnknownApprovalKey)
            options.ApprovalKeys.Revoke(request.ApprovalKey);
        if (code.Meaning is BrokerCodeMeaning.AppKeyInUse or BrokerCodeMeaning.BadCredentials)
            options.CloseRejected(connection);
    }
}

/// <summary>A request that is executed later.</summary>
/// <param name="Text">The text.</param>
/// <param name="Received">The time of receipt, as a timestamp of the clock.</param>
/// <param name="Delay">The time from receipt until it is due.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct DeferredRequest(byte[] Text, long Received, TimeSpan Delay)
{
    /// <summary>Whether both requests are for the same key of the same feed, so that their order matters.</summary>
    public bool HasSameKeyAs(in DeferredRequest other) =>
        Request.TryParse(Text, out var mine, out _)
        && Request.TryParse(other.Text, out var others, out _)
        && mine.TrId == others.TrId
        && mine.TrKey == others.TrKey;
}
