using System.Net.WebSockets;
using KisFeed.Server;

namespace KisFeed.Gateway;

/// <summary>
/// A session that is read no faster than its consumer may send. Who sends too much is first read more slowly, which a client that registers many keys in one go hardly notices, and closed where it goes on all the same. Closed is
/// also who does not say in time who it is.
/// </summary>
internal sealed class LimitedSession : IClientSession
{
    // In a row. With the usual limits a client may send 700 requests in one go, more than it may have registrations.
    private const int MaxHolds = 10;

    private static readonly TimeSpan s_hold = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(10);

    private readonly IClientSession _session;
    private readonly ConsumerConnection _connection;
    private readonly BrokerContext _broker;
    private readonly TokenBucket _pace;
    private readonly ITimer _patience;
    private long _lastHold;
    private int _holds;

    /// <summary>Begins to wait for the first good request.</summary>
    /// <param name="session">The session.</param>
    /// <param name="connection">Its connection.</param>
    /// <param name="broker">What all of them share.</param>
    public LimitedSession(IClientSession session, ConsumerConnection connection, BrokerContext broker)
    {
        _session = session;
        _connection = connection;
        _broker = broker;
        _pace = new TokenBucket(broker.Limits.RequestsPerSecond, broker.Limits.RequestBurst, broker.TimeProvider);
        _patience = broker.TimeProvider.CreateTimer(static state => ((LimitedSession)state!).OnPatienceOver(), this, broker.IntroductionTimeout, Timeout.InfiniteTimeSpan);
    }

    public int RegistrationCount => _session.RegistrationCount;

    public async ValueTask HandleTextAsync(ReadOnlyMemory<byte> text)
    {
        while (!TryPass())
        {
            if (++_holds > MaxHolds)
            {
                CloseAsFlood();
                return;
            }

            _lastHold = _broker.TimeProvider.GetTimestamp();
            await Task.Delay(s_hold, _broker.TimeProvider).ConfigureAwait(false);
        }

        // Of the account's pace its connections have what is left. That is no fault of this one, so it is not closed for it.
        while (_connection.Account is { } account && !account.Usage.TryRequest())
            await Task.Delay(s_hold, _broker.TimeProvider).ConfigureAwait(false);
        await _session.HandleTextAsync(text).ConfigureAwait(false);
    }

    // Costs nothing: the gateway has asked for it.
    public bool TryHandleAtOnce(ReadOnlySpan<byte> text) => _session.TryHandleAtOnce(text);

    // A ping costs what a message does. A client that sends many is read more slowly.
    public async ValueTask BeforePongAsync()
    {
        while (!_pace.TryTake() || _connection.Account?.Usage.TryRequest() == false)
            await Task.Delay(s_hold, _broker.TimeProvider).ConfigureAwait(false);
        await _session.BeforePongAsync().ConfigureAwait(false);
    }

    public void HandlePing(ReadOnlySpan<byte> payload) => _session.HandlePing(payload);

    public void HandlePong(ReadOnlySpan<byte> payload) => _session.HandlePong(payload);

    public void HandleFlood() => _broker.Counters.Flood();

    public void HandleTooLong(int limit)
    {
        if (_connection.Account is { } account)
            account.Usage.TryRead(limit + 1L);
        else
            _broker.AccessControl.Refusals.Add(RefusalReason.MessageBytes);
        _session.HandleTooLong(limit);
    }

    public ValueTask DisposeAsync()
    {
        _patience.Dispose();
        return _session.DisposeAsync();
    }

    private bool TryPass()
    {
        if (!_pace.TryTake())
            return false;
        if (_holds > 0 && _broker.TimeProvider.GetElapsedTime(_lastHold) >= s_rest)
            _holds = 0;
        return true;
    }

    private void CloseAsFlood()
    {
        if (!_connection.Close(WebSocketCloseStatus.PolicyViolation, "too many requests: this client sends more than a consumer may"))
            return;
        _broker.Counters.Flood();
        if (_broker.FloodLog.TryPass(out var skipped))
            GatewayLog.Flood(_broker.Logger, _connection.Id, skipped);
    }

    private void OnPatienceOver()
    {
        if (_connection.Account is not null || !_connection.Close(WebSocketCloseStatus.PolicyViolation, $"no request with a good approval key came within {_broker.IntroductionTimeout.TotalSeconds:0} seconds"))
            return;
        _broker.AccessControl.Refusals.Add(RefusalReason.TooSlow);
    }
}
