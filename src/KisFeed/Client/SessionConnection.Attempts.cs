using KisFeed.Session;

namespace KisFeed.Client;

// Counts and logs the results of connection attempts.
internal sealed partial class SessionConnection
{
    public SessionCounts Counts { get; } = new();

    private async Task<MessageSocket?> AttemptAsync(long connection, bool freshKey, CancellationToken cancellationToken)
    {
        using var activity = ClientActivities.StartConnect(_options, _machine.Settings.Name, _url, isFirst: connection == 1);
        try
        {
            var socket = await OpenAsync(connection, freshKey, activity, cancellationToken).ConfigureAwait(false);
            if (socket is null)
                Counts.Attempted(AttemptOutcome.Abandoned);
            ClientActivities.End(activity, DiagnosticTags.Name(socket is null ? AttemptOutcome.Abandoned : AttemptOutcome.Connected));
            return socket;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Counts.Attempted(AttemptOutcome.Abandoned);
            ClientActivities.End(activity, DiagnosticTags.Name(AttemptOutcome.Abandoned));
            throw;
        }
        catch (Exception e)
        {
            var outcome = OutcomeOf(e);
            Counts.Attempted(outcome);
            ClientActivities.End(activity, DiagnosticTags.Name(outcome), e);
            throw;
        }
    }

    private static AttemptOutcome OutcomeOf(Exception error) => error is not KisFeedException ? AttemptOutcome.Failed : FailureOf(error) switch
    {
        ConnectFailure.Rejected => AttemptOutcome.Rejected,
        ConnectFailure.TooManyRequests => AttemptOutcome.TooManyRequests,
        ConnectFailure.BadCredentials => AttemptOutcome.BadCredentials,
        _ => AttemptOutcome.Unreachable,
    };
}

internal enum AttemptOutcome
{
    Connected,

    /// <summary>The service cannot be reached, does not answer, or fails.</summary>
    Unreachable,

    /// <summary>The service answered and rejected the attempt.</summary>
    Rejected,

    /// <summary>The service asked for fewer requests.</summary>
    TooManyRequests,

    /// <summary>The app key or the app secret is wrong.</summary>
    BadCredentials,
    Abandoned,

    /// <summary>An error in this library.</summary>
    Failed,
}

/// <summary>
/// Finds the end of the HTTP response head that opens a WebSocket, however the bytes are split, and whether the response is an upgrade. A mutable
/// struct: keep it in a field, do not copy it.
/// </summary>
internal struct UpgradeResponse
{
    private const int StatusStart = 9; // HTTP/1.1 101
    private const int StatusEnd = 12;
    private const int SwitchingProtocols = 101;

    private int _position;
    private int _status;
    private int _lineLength;

    /// <summary>Whether WebSocket frames follow.</summary>
    public bool IsUpgraded { get; private set; }

    /// <summary>Whether the server answered without an upgrade, so that no frames follow.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>Reads the next bytes of the connection.</summary>
    /// <returns>The number of bytes that belong to the head; any rest follows it.</returns>
    public int Read(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            if (IsUpgraded || IsRefused)
                return i;
            ReadByte(bytes[i]);
        }

        return bytes.Length;
    }

    // A bare line feed also ends a line, as for the HTTP client.
    private void ReadByte(byte next)
    {
        if (_position < StatusEnd && _position++ >= StatusStart)
            _status = (_status * 10) + (next - '0');
        if (next == '\r')
            return;
        if (next != '\n')
            _lineLength++;
        else if (_lineLength > 0)
            _lineLength = 0;
        else
            EndHead();
    }

    private void EndHead()
    {
        IsUpgraded = _status == SwitchingProtocols;

        // Interim responses precede the final one.
        IsRefused = _status is < 100 or > 199;
        _position = 0;
        _status = 0;
    }
}

/// <summary>Counts of one session that its state machine does not keep. Guarded by the lock of the sessions, except for attempts.</summary>
internal sealed class SessionCounts
{
    private readonly long[] _attempts = new long[Enum.GetValues<AttemptOutcome>().Length];
    private readonly long[] _losses = new long[Enum.GetValues<LossReason>().Length];
    private readonly Dictionary<RefusalCause, long> _refusals = [];

    public IReadOnlyDictionary<RefusalCause, long> Refusals => _refusals;

    public long Attempts(AttemptOutcome outcome) => Interlocked.Read(ref _attempts[(int)outcome]);

    public long Losses(LossReason reason) => _losses[(int)reason];

    public void Attempted(AttemptOutcome outcome) => Interlocked.Increment(ref _attempts[(int)outcome]);

    public void Lost(LossReason reason) => _losses[(int)reason]++;

    public void Refused(RefusalCause cause) => _refusals[cause] = _refusals.GetValueOrDefault(cause) + 1;
}
