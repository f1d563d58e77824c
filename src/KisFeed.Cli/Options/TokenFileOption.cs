using KisFeed.Gateway.Consumers;

namespace KisFeed.Cli.Options;

/// <summary>The path of the gateway's token file.</summary>
internal sealed class TokenFileOption(string name = "--file") : ValueOption<string?>(name, "PATH",
    UiText.Of(
        $"The token file of the gateway. [{Variable}, else ~/.config/kisfeed/gateway-tokens.json]",
        $"게이트웨이의 토큰 파일. [{Variable}, 없으면 ~/.config/kisfeed/gateway-tokens.json]"))
{
    private const string Variable = "KISFEED_GATEWAY_TOKENS";

    /// <summary>Returns the file. It need not exist.</summary>
    public ConsumerFile Open(ParseResult arguments, CommandHost host) =>
        new(PathOf(arguments, host)
            ?? throw new CommandException(
                UiText.Of(
                    $"the token file cannot be found because there is no home folder: set its path with {Name} or {Variable}",
                    $"홈 폴더가 없어 토큰 파일을 찾을 수 없습니다. {Name} 옵션이나 {Variable}로 경로를 지정하세요")));

    /// <summary>Whether the option or the variable names the file. The file in the home folder is only a default.</summary>
    public bool IsNamed(ParseResult arguments, CommandHost host) => (arguments.GetValue(this) ?? host.Variable(Variable)) is not null;

    public string? PathOf(ParseResult arguments, CommandHost host)
    {
        if ((arguments.GetValue(this) ?? host.Variable(Variable)) is { } path)
        {
            return path.Length > 0 ? path : throw new CommandException(UiText.Of(
                $"{Name} is empty: give a path",
                $"{Name}: 값이 비어 있습니다. 경로를 쓰세요"));
        }
        return host.HomeFolder is { Length: > 0 } home ? ConsumerFile.DefaultPathIn(home) : null;
    }
}

/// <summary>The name of a consumer of the gateway.</summary>
internal sealed class ConsumerNameArgument : Argument<string>
{
    public ConsumerNameArgument(string description)
        : base("NAME")
    {
        Description = description;
        this.RefuseOptions();
    }

    /// <summary>Which names are valid, as the end of a sentence.</summary>
    public static string NameForm => UiText.Of(
        ConsumerName.Format,
        "영문자나 숫자로 시작하고 영문자, 숫자, 하이픈, 점, 밑줄로 된 1~64자");

    public string Read(ParseResult arguments)
    {
        var name = arguments.GetRequiredValue(this);
        return ConsumerName.IsValid(name) ? name : throw new CommandException(UiText.Of(
            $"'{name}' is not a valid name. Use {NameForm}",
            $"'{name}': 올바른 이름이 아닙니다. {NameForm}"));
    }
}
