using System.Net;

namespace KisFeed.Cli.Options;

/// <summary>The options of servers: where they listen, and which origins they allow.</summary>
internal static class ListenOptions
{
    public static Option<int> Port(string description) =>
        ParsedOption.WithDefault(
            "--port", "PORT", description, 21000, TryParsePort, text => UiText.Of(
                $"'{text}' is not a valid port. Use a number from 0 to 65535.",
                $"'{text}': 올바른 포트가 아닙니다. 0~65535의 숫자를 쓰세요."));

    public static Option<int?> Port(string name, string description) =>
        ParsedOption.Create<int>(
            name, "PORT", description, TryParsePort, text => UiText.Of(
                $"'{text}' is not a valid port for {name}. Use a number from 0 to 65535.",
                $"'{text}': {name}에 쓸 수 있는 포트가 아닙니다. 0~65535의 숫자를 쓰세요."));

    /// <summary>
    /// Creates the option for the origins of web pages that a server without its own credentials allows, and for its host names.
    /// </summary>
    public static ValueOption<string[]> Origins() => new("--allow-origin", "ORIGIN",
        UiText.Of(
            "Allow web pages of this origin, and programs that use this host name, e.g. http://feeds.example. May be repeated. [IP "
                + "addresses and localhost, no pages]",
            "이 출처의 웹 페이지와 이 호스트 이름을 쓰는 프로그램 허용. 예: http://feeds.example. 여러 번 쓸 수 있습니다. [IP 주소와 localhost만, 웹 페이지는 없음]"));

    public static Option<string> Address() => Address("--address", UiText.Of(
        "The IP address to listen on. The protocol is not encrypted: use this machine's unless the network is trusted.",
        "접속을 받을 IP 주소. 프로토콜이 암호화되지 않으므로 믿을 수 있는 네트워크가 아니면 이 컴퓨터의 주소만 쓰세요."));

    public static Option<string> Address(string name, string description)
    {
        var option = new ValueOption<string>(name, "IP", description) { DefaultValueFactory = _ => IPAddress.Loopback.ToString() };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value != "localhost" && !IPAddress.TryParse(token.Value, out _))
                result.AddError(UiText.Of($"'{token.Value}' is not a valid IP address.", $"'{token.Value}': 올바른 IP 주소가 아닙니다."));
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
