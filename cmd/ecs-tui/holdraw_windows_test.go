package main

func holdRawIfAsked() {}

func tellGuard() {}
