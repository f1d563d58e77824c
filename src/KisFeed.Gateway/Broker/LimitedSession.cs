using System.Net.WebSockets;
using KisFeed.Gateway.Consumers;
using KisFeed.Server.Protocol;

namespace KisFeed.Gateway.Broker;

/// <summary>
/// Limits the rate at which a session is read. A client that sends too much is first read more slowly, which a client that registers many
/// keys at once hardly notices, and disconnected if it continues. A client that does not authenticate in time is disconnected too.
/// </summary>
internal sealed class LimitedSession : IClientSession
{
    // Consecutive pauses. With the default limits a client may send 700 requests at once, more than it may have registrations.
    private const int MaxPauses = 10;

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_recovery = TimeSpan.FromSeconds(10);

    private readonly IClientSession _session;
    private readonly ConsumerConnection _connection;
    private readonly BrokerContext _broker;
    private readonly TokenBucket _rate;
    private readonly ITimer _authenticationTimer;
    private long _lastPause;
    private int _pauses;

    /// <summary>Starts the timeout for the first request with a valid approval key.</summary>
    public LimitedSession(IClientSession session, ConsumerConnection connection, BrokerContext broker)
    {
        _session = session;
        _connection = connection;
        _broker = broker;
        _rate = new TokenBucket(broker.Options.Limits.RequestsPerSecond, broker.Options.Limits.RequestBurst, broker.Options.TimeProvider);
        _authenticationTimer = broker.Options.TimeProvider.CreateTimer(
            static state => ((LimitedSession)state!).OnAuthenticationTimeout(),
            this,
            broker.Options.AuthenticationTimeout,
            Timeout.InfiniteTimeSpan);
    }

    public int RegistrationCount => _session.RegistrationCount;

    public async ValueTask HandleTextAsync(ReadOnlyMemory<byte> text)
    {
        while (!TryConsume())
        {
            if (++_pauses > MaxPauses)
            {
                CloseAsFlood();
                return;
            }

            _lastPause = _broker.Options.TimeProvider.GetTimestamp();
            await Task.Delay(s_pause, _broker.Options.TimeProvider).ConfigureAwait(false);
        }

        // All connections of an account share its rate. This connection may not be the cause, so it is not closed.
        while (_connection.Account is { } account && !account.Usage.TryRequest())
            await Task.Delay(s_pause, _broker.Options.TimeProvider).ConfigureAwait(false);
        await _session.HandleTextAsync(text).ConfigureAwait(false);
    }

    // Answers to the gateway's own requests are not limited.
    public bool TryHandleAtOnce(ReadOnlySpan<byte> text) => _session.TryHandleAtOnce(text);

    // A ping counts as a message. A client that sends many is read more slowly.
    public async ValueTask BeforePongAsync()
    {
        while (!_rate.TryAcquire() || _connection.Account?.Usage.TryRequest() == false)
            await Task.Delay(s_pause, _broker.Options.TimeProvider).ConfigureAwait(false);
        await _session.BeforePongAsync().ConfigureAwait(false);
    }

    public void HandlePing(ReadOnlySpan<byte> payload) => _session.HandlePing(payload);

    public void HandlePong(ReadOnlySpan<byte> payload) => _session.HandlePong(payload);

    public void HandleFlood() => _broker.Counters.Floods.Add();

    public void HandleTooLong(int limit)
    {
        if (_connection.Account is { } account)
            account.Usage.TryRead(limit + 1L);
        else
            _broker.Access.Refusals.Add(AccessRefusalReason.MessageBytes);
        _session.HandleTooLong(limit);
    }

    public ValueTask DisposeAsync()
    {
        _authenticationTimer.Dispose();
        return _session.DisposeAsync();
    }

    private bool TryConsume()
    {
        if (!_rate.TryAcquire())
            return false;
        if (_pauses > 0 && _broker.Options.TimeProvider.GetElapsedTime(_lastPause) >= s_recovery)
            _pauses = 0;
        return true;
    }

    private void CloseAsFlood()
    {
        if (!_connection.Close(WebSocketCloseStatus.PolicyViolation, "too many requests: this client exceeds the request limit"))
            return;
        _broker.Counters.Floods.Add();
        if (_broker.FloodLog.TrySample(out var skipped))
            GatewayLog.Flood(_broker.Logger, _connection.Id, skipped);
    }

    private void OnAuthenticationTimeout()
    {
        if (_connection.Account is not null
            || !_connection.Close(
                WebSocketCloseStatus.PolicyViolation,
                $"no request with a valid approval key within {_broker.Options.AuthenticationTimeout.TotalSeconds:0} seconds"))
        {
            return;
        }
        _broker.Access.Refusals.Add(AccessRefusalReason.TooSlow);
    }
}
