using System.Buffers;
using System.Threading.Channels;
using KisFeed.Server;
using KisFeed.Wire;

namespace KisFeed.Simulator.Server;

/// <summary>
/// A session with the faults that concern requests: refused, carried out late, or in another order. What is put off is carried out late rather
/// than answered late, so that no data of a registration precede its acknowledgement. Without faults it passes everything on.
/// </summary>
internal sealed class FaultySession : IClientSession
{
    // Requests that wait; after these the client is read no further.
    private const int Capacity = 1_000;

    private readonly Channel<DeferredRequest> _deferred = Channel.CreateBounded<DeferredRequest>(Capacity);
    private readonly ArrayBufferWriter<byte> _refusal = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly ProtocolSession _session;
    private readonly IClientConnection _connection;
    private readonly FaultController _faults;
    private readonly SessionOptions _rules;
    private Task? _work;
    private int _waiting;

    public FaultySession(ProtocolSession session, IClientConnection connection, FaultController faults, SessionOptions rules)
    {
        _session = session;
        _connection = connection;
        _faults = faults;
        _rules = rules;
    }

    public int RegistrationCount => _session.RegistrationCount;

    /// <summary>How long a request that is to be answered after the next waits for that.</summary>
    public static TimeSpan ReorderPatience { get; } = TimeSpan.FromMilliseconds(200);

    public ValueTask HandleTextAsync(ReadOnlyMemory<byte> text)
    {
        if (_session.TryAnswerHeartbeat(text.Span))
            return ValueTask.CompletedTask;
        var faults = _faults.Current;
        if (Volatile.Read(ref _waiting) == 0 && faults.SlowAck == TimeSpan.Zero && !faults.ReorderAck)
            return CarryOutAsync(text);

        Interlocked.Increment(ref _waiting);
        _work ??= Task.Run(WorkAsync);
        return _deferred.Writer.WriteAsync(new DeferredRequest(text.ToArray(), _rules.TimeProvider.GetTimestamp(), faults.SlowAck), _ending.Token);
    }

    public void HandlePing(ReadOnlySpan<byte> payload) => _session.HandlePing(payload);

    public void HandlePong(ReadOnlySpan<byte> payload) => _session.HandlePong(payload);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _ending.CancelAsync().ConfigureAwait(false);
            if (_work is not null)
                await _work.ConfigureAwait(false);
        }
        finally
        {
            _ending.Dispose();
            await _session.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task WorkAsync()
    {
        try
        {
            while (true)
            {
                var first = await _deferred.Reader.ReadAsync(_ending.Token).ConfigureAwait(false);
                await DueAsync(first).ConfigureAwait(false);
                if (!_faults.Current.ReorderAck || await TryTakeNextAsync().ConfigureAwait(false) is not { } second)
                {
                    await CarryOutAsync(first).ConfigureAwait(false);
                    continue;
                }

                await DueAsync(second).ConfigureAwait(false);
                var inOrder = first.ConcernsTheSameAs(second);
                await CarryOutAsync(inOrder ? first : second).ConfigureAwait(false);
                await CarryOutAsync(inOrder ? second : first).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // The session ends, and with it what waits.
        }
        catch
        {
            // Nobody takes requests any more: the client must not wait for answers. Whoever disposes the session hears of it.
            _connection.Cut();
            throw;
        }
    }

    private async Task DueAsync(DeferredRequest request)
    {
        var left = request.Delay - _rules.TimeProvider.GetElapsedTime(request.Received);
        if (left > TimeSpan.Zero)
            await Task.Delay(left, _rules.TimeProvider, _ending.Token).ConfigureAwait(false);
    }

    private async Task<DeferredRequest?> TryTakeNextAsync()
    {
        try
        {
            await _deferred.Reader.WaitToReadAsync(_ending.Token).AsTask().WaitAsync(ReorderPatience, _rules.TimeProvider, _ending.Token).ConfigureAwait(false);
            return _deferred.Reader.TryRead(out var next) ? next : null;
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private async Task CarryOutAsync(DeferredRequest request)
    {
        await _connection.WaitForRoomAsync().WaitAsync(_ending.Token).ConfigureAwait(false);
        await CarryOutAsync(request.Text).ConfigureAwait(false);
        Interlocked.Decrement(ref _waiting);
    }

    private ValueTask CarryOutAsync(ReadOnlyMemory<byte> text)
    {
        if (_faults.Current.Refuse is null
            || !Request.TryParse(text, out var request, out _, _rules.AllowNumbers)
            || request.Type != RequestType.Register
            || !_faults.TryTakeRefusal(out var code))
        {
            return _session.HandleTextAsync(text);
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
        _ = _connection.Send(MessageKind.Refusal, _refusal.WrittenSpan);
        _refusal.ResetWrittenCount();
        ServerLog.Refused(_rules.Logger, _connection.Id, code, Refusal.TextOf(code));
        if (code == BrokerCode.UnknownApprovalKey)
            _rules.ApprovalKeys.Revoke(request.ApprovalKey);
        if (code.Meaning is BrokerCodeMeaning.AppKeyInUse or BrokerCodeMeaning.BadCredentials)
            _rules.CloseRejected(_connection);
    }
}
