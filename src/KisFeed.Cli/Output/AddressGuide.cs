
namespace KisFeed.Cli.Output;

/// <summary>Prints the addresses of a server in the forms that existing clients need.</summary>
internal static class AddressGuide
{
    public static void WriteAddresses(TextWriter output, Uri restUrl, Uri webSocketUrl)
    {
        var socket = webSocketUrl.GetLeftPart(UriPartial.Authority);
        output.WriteLine(UiText.Of($"  WebSocket  {socket}", $"  웹소켓     {socket}"));
        output.WriteLine(UiText.Of(
            $"             {socket}{KisEndpoints.WebSocketPath}    the same, for clients that use a path",
            $"             {socket}{KisEndpoints.WebSocketPath}    같은 것, 경로를 쓰는 클라이언트용"));
        output.WriteLine($"  REST       {restUrl.GetLeftPart(UriPartial.Authority)}");
    }

    /// <summary>Writes the changes for a program written for the broker.</summary>
    public static void WriteChanges(TextWriter output, Uri restUrl, Uri webSocketUrl)
    {
        var socket = webSocketUrl.GetLeftPart(UriPartial.Authority);
        var rest = restUrl.GetLeftPart(UriPartial.Authority);
        output.WriteLine(UiText.Of("Your own program, in any language: replace these two addresses.", "내 프로그램(어떤 언어든): 다음 두 주소를 바꾸세요."));
        output.WriteLine();
        output.WriteLine($"  {Authority(KisEndpoints.WebSocket(KisEnvironment.Production)),-42} {socket}");
        output.WriteLine($"  {Authority(KisEndpoints.Rest(KisEnvironment.Production)),-42} {rest}");
        output.WriteLine();
        output.WriteLine(UiText.Of(
            "The broker's samples read them from ~/KIS/config/kis_devlp.yaml:",
            "증권사의 공식 샘플은 ~/KIS/config/kis_devlp.yaml에서 읽습니다:"));
        output.WriteLine();
        foreach (var (restName, socketName) in new[] { ("prod", "ops"), ("vps", "vops") })
        {
            output.WriteLine($"  {restName}: \"{rest}\"");
            output.WriteLine($"  {socketName}: \"{socket}\"");
        }
    }

    private static string Authority(Uri address) => address.GetLeftPart(UriPartial.Authority);
}

/// <summary>Formats the assignment of an environment variable for the user's shell.</summary>
internal static class ShellVariable
{
    /// <summary>Returns the line to type. A value with spaces must already be quoted.</summary>
    public static string Line(string name, string value) =>
        OperatingSystem.IsWindows() ? $"$env:{name} = '{value.Trim('\'')}'" : $"export {name}={value}";
}
