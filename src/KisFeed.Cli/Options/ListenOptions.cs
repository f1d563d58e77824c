using System.CommandLine;
using System.Globalization;
using System.Net;

namespace KisFeed.Cli.Options;

/// <summary>Where a server listens.</summary>
internal static class ListenOptions
{
    /// <summary>The port, the broker's own where nothing else is said.</summary>
    public static Option<int> Port(string description)
    {
        var option = new Option<int>("--port") { Description = description, HelpName = "PORT", DefaultValueFactory = _ => 21000 };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !ushort.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                result.AddError($"'{token.Value}' is no port: a number from 0 to 65535 is expected.");
        });
        return option;
    }

    /// <summary>Origins of web pages that a server without credentials of its own serves, and names by which it may be addressed.</summary>
    public static Option<string[]> Origins() => new("--allow-origin")
    {
        Description = "Let pages of this origin in, and programs that address the server by its name, e.g. http://feeds.example. May be repeated. Default: IP addresses and localhost, and no pages.",
        HelpName = "ORIGIN",
    };

    /// <summary>The address, this machine's own where nothing else is said.</summary>
    public static Option<string> Address(string name, string description)
    {
        var option = new Option<string>(name) { Description = description, HelpName = "IP", DefaultValueFactory = _ => IPAddress.Loopback.ToString() };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value != "localhost" && !IPAddress.TryParse(token.Value, out _))
                result.AddError($"'{token.Value}' is no IP address.");
        });
        return option;
    }
}
