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
