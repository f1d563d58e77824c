using KisFeed.Session;
using KisFeed.Wire;

namespace KisFeed;

/// <summary>The base class of this library's exceptions. No message contains a secret.</summary>
public class KisFeedException(string message, Exception? innerException = null) : Exception(message, innerException);

/// <summary>The options cannot be used. The message says what to set.</summary>
public sealed class KisFeedConfigurationException(string message, Exception? innerException = null)
    : KisFeedException(message, innerException);

/// <summary>A connection could not be established.</summary>
public sealed class ConnectionFailedException(string message, Exception? innerException = null) : KisFeedException(message, innerException)
{
    /// <summary>Whether the service answered and rejected the connection, rather than being unreachable.</summary>
    public bool IsRejected { get; init; }

    /// <summary>The HTTP status of the answer, if there was one.</summary>
    internal System.Net.HttpStatusCode? Status { get; init; }
}

/// <summary>
/// The session ended although it was not disposed, and does not reconnect. Everything received before has been delivered.
/// </summary>
public sealed class ConnectionLostException(string message, Exception? innerException = null) : KisFeedException(message, innerException)
{
    /// <summary>The code with which the server ended the session, if it gave one.</summary>
    public BrokerCode? Code { get; init; }

    /// <summary>Why the client does not try to reconnect.</summary>
    public HaltReason? Reason { get; init; }
}

/// <summary>The server refused a registration.</summary>
public sealed class SubscribeRefusedException(string message, Exception? innerException = null) : KisFeedException(message, innerException)
{
    /// <summary>The broker's code.</summary>
    public BrokerCode Code { get; init; }

    /// <summary>The broker's text, with secrets removed.</summary>
    public string BrokerText { get; init; } = "";

    /// <summary>The refusal of a registration of a feed by an answer of the broker, without secrets.</summary>
    internal static SubscribeRefusedException By(FeedSchema feed, BrokerCode code, string text) =>
        new($"{feed.TrId} was refused: {code} {text}; {code.AdviceFor(feed)}") { Code = code, BrokerText = text };
}

/// <summary>The tags by which refusals are counted.</summary>
/// <param name="Feed">The TR ID of the registration; <see langword="null"/> if the session as a whole was refused.</param>
/// <param name="Reason">The reason.</param>
/// <param name="Code">The broker's code in its tag form, if the server refused.</param>
internal readonly record struct RefusalCause(string? Feed, RefusalReason Reason, string? Code);

/// <summary>The server did not answer a registration request in time.</summary>
public sealed class SubscribeTimeoutException(string message, Exception? innerException = null) : KisFeedException(message, innerException);

/// <summary>
/// The session holds as many registrations as the broker allows, or the program requests new ones more often than
/// the options allow. Nothing was sent.
/// </summary>
public sealed class RegistrationLimitException(string message, Exception? innerException = null) : KisFeedException(message, innerException)
{
    /// <summary>
    /// When a new registration can be requested again; <see langword="null"/> if the session is full and a
    /// registration must be released first.
    /// </summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>
/// Recorded data were requested (<see cref="SubscribeOptions.From"/>) of a service that has none: the broker, a simulator, or a gateway
/// that does not record. The message says what to do.
/// </summary>
public sealed class HistoryNotAvailableException(string message, Exception? innerException = null)
    : KisFeedException(message, innerException);

/// <summary>The chosen service does not offer the feed. Nothing was sent.</summary>
public sealed class FeedNotAvailableException(string message, Exception? innerException = null) : KisFeedException(message, innerException);

/// <summary>The client could not obtain an approval key.</summary>
public sealed class ApprovalKeyException(string message, Exception? innerException = null) : KisFeedException(message, innerException)
{
    /// <summary>What kind of failure this is. Default: <see cref="ConnectFailure.Unreachable"/>.</summary>
    public ConnectFailure Failure { get; init; }

    /// <summary>The code of the REST service, e.g. <c>EGW00103</c>, if it answered with one.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>The HTTP status, if there was an answer.</summary>
    public System.Net.HttpStatusCode? Status { get; init; }
}

/// <summary>Why a connection could not be established; the values differ in what can be done about it.</summary>
public enum ConnectFailure
{
    /// <summary>
    /// The service cannot be reached, does not answer, or failed (HTTP 408 or 5xx). Retrying with increasing delays may help.
    /// </summary>
    Unreachable,

    /// <summary>
    /// The service rejected the request for another reason, or answered without a key. See
    /// <see cref="ApprovalKeyException.ErrorCode"/> and check the address.
    /// </summary>
    Rejected,

    /// <summary>Too many requests (EGW00201, EGW00133, HTTP 429). Wait a minute before the next one.</summary>
    TooManyRequests,

    /// <summary>The service does not accept the app key or the app secret (EGW00103, EGW00105). Retrying does not help.</summary>
    BadCredentials,
}
