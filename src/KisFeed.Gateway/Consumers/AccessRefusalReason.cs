namespace KisFeed.Gateway.Consumers;

/// <summary>Why a request or connection was refused, other than by one of a consumer's own limits (<see cref="ConsumerLimit"/>).</summary>
internal enum AccessRefusalReason
{
    /// <summary>Missing or wrong credentials, or an unknown approval key.</summary>
    Credentials,

    /// <summary>Too many recent attempts with wrong credentials.</summary>
    TooManyFailures,

    /// <summary>A web page of an origin that is not allowed.</summary>
    Origin,

    /// <summary>A Host header that does not name the gateway.</summary>
    Host,

    /// <summary>The consumer has no right to the feed or page.</summary>
    Rights,

    /// <summary>An invalid request: an unknown feed, key, parameter or path.</summary>
    Malformed,

    /// <summary>A request or handshake was not complete in time, or the client did not read the response in time.</summary>
    TooSlow,

    /// <summary>Too many connections at once, in total or from one address.</summary>
    Connections,

    /// <summary>A message or body of an unauthenticated client was too long.</summary>
    MessageBytes,

    /// <summary>A required TLS client certificate is missing or not valid.</summary>
    Certificate,
}
