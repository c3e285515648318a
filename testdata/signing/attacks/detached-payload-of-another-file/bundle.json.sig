{
  "payload": "ewogICJ2ZXJzaW9uIjogIjEuMC4wIiwKICAiZ2VuZXJhdGVkX2F0IjogIjIwMjYtMDEtMDFUMDA6MDA6MDBaIiwKICAiZXhwaXJlc19hdCI6ICIyMDI2LTA0LTAxVDAwOjAwOjAwWiIsCiAgInJldmlzaW9uIjogNywKICAicnVsZXMiOiBbCiAgICB7CiAgICAgICJpZCI6ICJCIiwKICAgICAgImRlc2NyaXB0aW9uIjogImFsbCIsCiAgICAgICJtYXRjaCI6IHsKICAgICAgICAidG9vbF9uYW1lIjogIioiLAogICAgICAgICJlbnZpcm9ubWVudCI6ICIqIgogICAgICB9LAogICAgICAib3V0Y29tZSI6ICJBTExPVyIKICAgIH0KICBdLAogICJkZWZhdWx0cyI6IHsKICAgICJvdXRjb21lIjogIkFMTE9XIgogIH0KfQo=",
  "payloadType": "application/vnd.agent-spm.file",
  "signatures": [
    {
      "keyid": "reviewer",
      "sig": "6UASLs7L2pKcaHIr6s2mwbjrsxSiY/bwPoNfmEBGXhSbcn0yLNvqQZwrh91A/BZACHOIbFZhrSo8zua9KAaaCg=="
    }
  ]
}
