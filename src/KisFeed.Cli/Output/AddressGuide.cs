using System.Text.Json;

namespace KisFeed.Cli.Output;

/// <summary>Prints the addresses of a server in the shapes that existing clients need.</summary>
internal static class AddressGuide
{
    /// <summary>The addresses, without and with the path.</summary>
    public static void WriteAddresses(TextWriter output, Uri restUrl, Uri webSocketUrl)
    {
        var socket = webSocketUrl.GetLeftPart(UriPartial.Authority);
        output.WriteLine($"  WebSocket  {socket}");
        output.WriteLine($"             {socket}{KisEndpoints.WebSocketPath}    the same, for clients that use a path");
        output.WriteLine($"  REST       {restUrl.GetLeftPart(UriPartial.Authority)}");
    }

    /// <summary>What to change in a program that was written for the broker.</summary>
    public static void WriteChanges(TextWriter output, Uri restUrl, Uri webSocketUrl)
    {
        var socket = webSocketUrl.GetLeftPart(UriPartial.Authority);
        var rest = restUrl.GetLeftPart(UriPartial.Authority);
        output.WriteLine("Your own program, in any language: replace these two addresses.");
        output.WriteLine();
        output.WriteLine($"  {Authority(KisEndpoints.WebSocket(KisEnvironment.Production)),-42} {socket}");
        output.WriteLine($"  {Authority(KisEndpoints.Rest(KisEnvironment.Production)),-42} {rest}");
        output.WriteLine();
        output.WriteLine("The broker's samples read them from ~/KIS/config/kis_devlp.yaml:");
        output.WriteLine();
        foreach (var (restName, socketName) in new[] { ("prod", "ops"), ("vps", "vops") })
        {
            output.WriteLine($"  {restName}: \"{rest}\"");
            output.WriteLine($"  {socketName}: \"{socket}\"");
        }
    }

    private static string Authority(Uri address) => address.GetLeftPart(UriPartial.Authority);
}

/// <summary>Where a server is to be reached, for programs that wait for it.</summary>
internal static class AddressJson
{
    /// <summary>The members <c>port</c>, <c>rest</c> and <c>websocket</c>.</summary>
    public static void WriteMembers(Utf8JsonWriter json, Uri rest, Uri webSocket)
    {
        json.WriteNumber("port"u8, rest.Port);
        json.WriteString("rest"u8, rest.GetLeftPart(UriPartial.Authority));
        json.WriteString("websocket"u8, webSocket.GetLeftPart(UriPartial.Authority));
    }
}

/// <summary>How a variable is set in the shell that people have.</summary>
internal static class ShellVariable
{
    /// <summary>The line to type. A value with blanks is to be quoted already.</summary>
    public static string Line(string name, string value) =>
        OperatingSystem.IsWindows() ? $"$env:{name} = '{value.Trim('\'')}'" : $"export {name}={value}";
}
