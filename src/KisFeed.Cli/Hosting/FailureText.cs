using KisFeed.Diagnostics;

namespace KisFeed.Cli.Hosting;

/// <summary>
/// Errors of the client as users of the command read them: with the options and variables of the command in place of the library's options.
/// </summary>
internal static class FailureText
{
    private const string Watchdog = "--watchdog";
    private const string Prefix = $"{nameof(KisFeedOptions)}.";

    private static readonly (string Option, string Name)[] s_names =
    [
        (nameof(KisFeedOptions.WatchdogTimeout), Watchdog),
        (nameof(KisFeedOptions.WebSocketUrl), "--url"),
        (nameof(KisFeedOptions.RestUrl), "--rest"),
        (nameof(KisFeedOptions.Environment), "--env"),
    ];

    public static string Of(KisFeedException failure, Command? command = null) => failure switch
    {
        KisFeedConfigurationException => LibraryText.Of(OfConfiguration(failure.Message)),
        ConnectionLostException { Reason: HaltReason.ApprovalKeyRefused } => $"{LibraryText.Of(failure.Message)} (--url, --rest, --env)",
        ConnectionLostException { Reason: HaltReason.Silent } when command?.Options.Any(option => option.Name == Watchdog) == true =>
            $"{LibraryText.Of(failure.Message)} ({Watchdog})",
        RegistrationLimitException { RetryAfter: null } =>
            $"{LibraryText.Of(failure.Message)} (KISFEED_APPKEY_2{UiText.Of(" and ", ", ")}KISFEED_APPSECRET_2)",
        _ when failure.Message.Contains(ConnectFailureText.ClientCertificateAdvice, StringComparison.Ordinal) => UiText.Of(
            failure.Message.Replace(
                ConnectFailureText.ClientCertificateAdvice,
                $"{ConnectFailureText.ClientCertificateAdvice} (--client-certificate)",
                StringComparison.Ordinal),
            $"{LibraryText.Of(failure.Message)} (--client-certificate)"),
        _ => LibraryText.Of(failure.Message),
    };

    // E.g. "KisFeedOptions.WatchdogTimeout must be positive. It was set by: code."
    private static string OfConfiguration(string message)
    {
        if (!message.StartsWith(Prefix, StringComparison.Ordinal))
            return message;
        var text = message[Prefix.Length..];
        const string FromCommandLine = " It was set by: code.";
        var isOfCommandLine = text.EndsWith(FromCommandLine, StringComparison.Ordinal);
        if (isOfCommandLine)
            text = text[..^FromCommandLine.Length];
        return isOfCommandLine
            && s_names.FirstOrDefault(name => text.StartsWith($"{name.Option} ", StringComparison.Ordinal)) is
            {
                Option: { } option,
                Name: var name
            }
            ? $"{name}{text[option.Length..]}"
            : text;
    }
}
