using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using KisFeed.Capture;
using RabbitMQ.Client.Exceptions;
using static KisFeed.Diagnostics.ExceptionChain;

namespace KisFeed.RabbitMq.Connecting;

/// <summary>Describes failures of a cluster, without secrets, and classifies them.</summary>
internal static class ClusterFailure
{
    private const int AccessRefused = 403;

    /// <summary>Returns an error that retrying does not fix; <see langword="null"/> if it may.</summary>
    public static RabbitMqException? PermanentErrorOf(Exception e) =>
        e as RabbitMqException ?? (AdviceOn(e) is null ? null : new RabbitMqException(TextOf(e), e));

    /// <summary>Whether it is a problem of the network or the cluster rather than a bug.</summary>
    public static bool IsExpected(Exception e) => e is RabbitMQClientException or SocketException or IOException
        or UnauthorizedAccessException or TimeoutException or AuthenticationException or LinkLostException or RabbitMqException;

    /// <summary>Returns the problem in one line, with what to do about it if retrying does not fix it.</summary>
    public static string TextOf(Exception e) => AdviceOn(e) is { } advice ? $"{ProblemOf(e)}: {advice}" : ProblemOf(e);

    /// <summary>Returns the problem in a few words, without names of hosts, streams and files.</summary>
    public static string SummaryOf(Exception e)
    {
        if (Find<AuthenticationFailureException>(e) is not null)
            return "the cluster refuses the user or the password";
        if (Find<OperationInterruptedException>(e)?.ShutdownReason is { } reason)
            return string.Create(CultureInfo.InvariantCulture, $"the cluster reports an error ({reason.ReplyCode})");
        if (Find<AuthenticationException>(e) is not null)
            return "the certificate of the cluster is not accepted";
        if (Find<SocketException>(e) is not null || Find<BrokerUnreachableException>(e) is not null)
            return "the cluster cannot be reached";
        return e switch
        {
            LinkLostException => "the connection to the cluster was lost",
            RabbitMqException => "the cluster cannot be used",
            RabbitMQClientException or TimeoutException => "the cluster cannot be reached",
            CaptureException or IOException or UnauthorizedAccessException => "a file cannot be read",
            _ => "publishing failed",
        };
    }

    private static string? AdviceOn(Exception e)
    {
        if (Find<AuthenticationFailureException>(e) is not null)
            return "check the user name and the password";
        if (Find<OperationInterruptedException>(e)?.ShutdownReason?.ReplyCode == AccessRefused)
            return "give the user the rights to configure, write and read the streams, and check the name of the virtual host";
        return null;
    }

    private static string ProblemOf(Exception e)
    {
        if (e is LinkLostException or TimeoutException)
            return e.Message;
        if (Find<AuthenticationFailureException>(e) is not null)
            return "the cluster refuses the user or the password";
        if (Find<OperationInterruptedException>(e) is { ShutdownReason: { } reason })
            return $"the cluster reports {reason.ReplyCode}: {reason.ReplyText}";
        if (Find<SocketException>(e) is { } socket)
            return $"the cluster cannot be reached: {socket.Message}";
        if (Find<AuthenticationException>(e) is { } tls)
            return $"the certificate of the cluster is not accepted: {tls.Message}";
        return e is RabbitMqException or IOException or UnauthorizedAccessException
            ? e.Message
            : $"the connection to the cluster failed ({e.GetType().Name})";
    }
}

/// <summary>A connection or channel was lost.</summary>
internal sealed class LinkLostException : Exception
{
    public LinkLostException()
    {
    }

    public LinkLostException(string message)
        : base(message)
    {
    }

    public LinkLostException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
