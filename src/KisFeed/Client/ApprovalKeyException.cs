namespace KisFeed;

/// <summary>No approval key could be had.</summary>
public sealed class ApprovalKeyException : KisFeedException
{
    /// <summary>Without a message.</summary>
    public ApprovalKeyException()
    {
    }

    /// <summary>With what is wrong.</summary>
    public ApprovalKeyException(string message)
        : base(message)
    {
    }

    /// <summary>With what is wrong and what it was found by.</summary>
    public ApprovalKeyException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>What may be done about it. Default: <see cref="ApprovalKeyFailure.Unreachable"/>.</summary>
    public ApprovalKeyFailure Failure { get; init; }

    /// <summary>The code of the REST service, e.g. <c>EGW00103</c>, where it answered with one.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>The HTTP status, where there was an answer.</summary>
    public System.Net.HttpStatusCode? Status { get; init; }
}
