/// The header values that were captured or constructed, by their number among the known examples.
struct HeaderFixture {
  let number: Int
  let value: String

  static let bot = [
    HeaderFixture(
      number: 1, value: "Akamai-Categorized Bot (amazonbot):monitor:Web Search Engine Bots"),
    HeaderFixture(
      number: 2,
      value: "Unknown Bot (7B0E3E55A5C82C70F90BCAD94E19866A):monitor:Behavior Anomaly:60:strict"),
    HeaderFixture(
      number: 3, value: "Customer-Categorized Bot (Mission Lab IP):monitor:ML BM Bypass"),
    HeaderFixture(
      number: 21,
      value: "Unknown Bot (A1):monitor:Web Search Engine Bots,Behavior Anomaly:100:aggressive"),
  ]

  static let userRisk = [
    HeaderFixture(number: 4, value: fourth),
    HeaderFixture(
      number: 5,
      value: "uuid=964d54b7-0821-413a-a4d6-8131770ec8d5;requestid=135a5cdc;status=0;score=50;"
        + "risk=unp:432/H|ugp:ie/M;trust=utp:weekday_1|udfp:be44fff67b66ec7b;general=aci:T;"
        + "allow=0;action=none"),
    HeaderFixture(
      number: 6,
      value: "uuid=f09d7948-8ac5-4fe1-a77b-9a699fce5256;requestid=3b7d826;status=2;score=80;"
        + "general=do:MacOS 10.15|di:49fe98f3b7a0da49acbd72af273166ad81765bb2|db:Firefox 134|"
        + "nd:true|aci:1|dac_1h:1|dic_1h:1|dcc_1h:1|dac_1d:1|dgc_1h:1|dcc_1d:1|dbc_1d:1|dgc_1d:1|"
        + "dbc_1h:1|idc_1h:1|dic_1d:1|iuc_1h:4|duc_1d:2|idc_1d:1|iuc_1d:2|duc_1h:4;"
        + "risk=aci:true/H|unp:394089/M|ugp:AU/L|vpn:true/H|due:true/H|prx:true/H|"
        + "udfp:db7e34379100f9ad4bb127c2d1587adb77c8cfe3/M|iue:true/H;trust=;allow=0;"
        + "action=monitor"),
    HeaderFixture(
      number: 7,
      value: "uuid=2c9cfbf4-2dbe-4d0d-b6dc-8a830179ca4e;requestid=3e735c1;status=2;score=30;"
        + "general=do:MacOS 10.15|di:49fe98f3b7a0da49acbd72af273166ad81765bb2|db:Firefox 134|"
        + "nd:true|aci:1;risk=unp:394089/M|ugp:AU/L|"
        + "udfp:4a334a3803096bea9d9441b502257ab0353a5dac/M;trust=;allow=0;action=monitor"),
    HeaderFixture(
      number: 8,
      value: "score=68;risk=udfp:1abcd/ucrs:1/uip:2;trust=ugp:t;allow=0;action=monitor"),
    HeaderFixture(
      number: 9,
      value: "risk=udfp:1325gdg4g4343g/M|unp:74256/H;trust=ugp:US;general=duc_1h:10|duc_1d:30;"
        + "status=0;score=75"),
    HeaderFixture(number: 19, value: fourth.lowercased()),
    HeaderFixture(
      number: 20,
      value: "uuid=u1;username=x;score=0;requestid=1;status=0;score=97;risk=;trust=;allow=0;"
        + "action=monitor"),
    HeaderFixture(
      number: 22, value: ";;score=;status=x;risk=udfp;trust=:;general=a:b:c||;allow=2"),
  ]

  private static let fourth =
    "uuid=86b37525-8047-4a3c-8d7a-23e99901da05;username=testuser@example.com;"
    + "emailDomain=example.com;ouid=m534264;requestid=19e22e;status=4;score=0;"
    + "general=aci:0|db:Chrome 85|di:0fc91b5ec42f5a471c16a85e3e388ca57697c1a9|do:Mac OS X 10;"
    + "risk=;trust=udbp:Chrome 85|udfp:25ba44ec3b391ba4ce5fbbd2979635e254775e7d|"
    + "udop:Mac OS X 10|ugp:FR|unp:12322|utp:weekday_3;allow=0;action=monitor"
}
