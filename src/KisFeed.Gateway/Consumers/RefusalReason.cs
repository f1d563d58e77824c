namespace KisFeed.Gateway;

/// <summary>Why somebody was turned away, where that is not one of a consumer's own limits (<see cref="ConsumerLimit"/>).</summary>
internal enum RefusalReason
{
    /// <summary>No credentials, or wrong ones, or an approval key that is not known.</summary>
    Credentials,

    /// <summary>Too many wrong credentials of late.</summary>
    TooManyFailures,

    /// <summary>A web page that is not allowed.</summary>
    Origin,

    /// <summary>A host name that is not the gateway's.</summary>
    Host,

    /// <summary>A feed, or a page, that the consumer has no right to.</summary>
    Rights,

    /// <summary>A request that makes no sense: unknown feeds, keys or parameters.</summary>
    Malformed,

    /// <summary>A request or a handshake that was not complete in time, or an answer that was not read in time.</summary>
    TooSlow,

    /// <summary>A connection beyond those that the gateway takes at once, of all or from one address.</summary>
    Connections,

    /// <summary>A message or a body that is too long, of somebody who is not known yet.</summary>
    MessageBytes,

    /// <summary>A TLS connection without a certificate of the client, where one is required, or with one that is not valid.</summary>
    Certificate,
}
