using System.Net;

namespace KisFeed.Cli.Options;

/// <summary>The options of servers: where they listen, and which origins they allow.</summary>
internal static class ListenOptions
{
    public static Option<int> Port(string description) =>
        ParsedOption.WithDefault(
            "--port", "PORT", description, 21000, TryParsePort, text => $"'{text}' is not a valid port. Use a number from 0 to 65535.");

    public static Option<int?> Port(string name, string description) =>
        ParsedOption.Create<int>(
            name, "PORT", description, TryParsePort, text => $"'{text}' is not a valid port for {name}. Use a number from 0 to 65535.");

    /// <summary>
    /// Creates the option for the origins of web pages that a server without its own credentials allows, and for its host names.
    /// </summary>
    public static ValueOption<string[]> Origins() => new("--allow-origin", "ORIGIN",
        "Allow web pages of this origin, and programs that use this host name, e.g. http://feeds.example. May be repeated. "
            + "[IP addresses and localhost, no pages]");

    public static Option<string> Address(
        string name = "--address", string description = "The IP address to listen on. The protocol is not encrypted: use this machine's "
            + "unless the network is trusted.")
    {
        var option = new ValueOption<string>(name, "IP", description) { DefaultValueFactory = _ => IPAddress.Loopback.ToString() };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value != "localhost" && !IPAddress.TryParse(token.Value, out _))
                result.AddError($"'{token.Value}' is not a valid IP address.");
        });
        return option;
    }

    private static bool TryParsePort(string text, out int port)
    {
        var isPort = ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        port = number;
        return isPort;
    }
}
